using System.CommandLine;
using Exchange.Rating;

namespace Exchange.Portal.Cli;

/// <summary>A plan for a month as 'exchange quote' asks for it.</summary>
internal sealed class WorkloadOptions
{
    public Option<int> Machines { get; } =
        Whole("--machines", "How many alike machines; 1 when it is not given.", 1);

    public Option<string> Form { get; } = OneOf(
        "--form", "FORM", "What a machine is: any, vm or pod.", [.. Workload.Forms.Select(one => one.Word)]);

    public Option<decimal> VCpu { get; } = Number("--vcpu", "vCPUs of each machine.");

    public Option<decimal> Ram { get; } = Number("--ram", "GiB of memory of each machine.");

    public Option<int> Gpus { get; } = Whole("--gpus", "GPUs of each machine.", 0);

    public Option<string?> Gpu { get; } = new("--gpu")
    {
        Description = "The model of the GPU, as a100.",
        HelpName = "MODEL",
    };

    public Option<int> Fpgas { get; } = Whole("--fpgas", "FPGA boards.", 0);

    public Option<decimal> Hours { get; } =
        Number("--hours", "Hours in a month, at most 744; 730 when it is not given.", 730);

    public Option<decimal> Storage { get; } = Number("--storage", "GiB of storage, for as many hours.");

    public Option<decimal> Egress { get; } = Number("--egress", "GiB that leave over the network.");

    public Workload Of(Verb verb) => new()
    {
        Machines = verb.Get(Machines),
        Kinds = Workload.Forms.First(one => one.Word == verb.Get(Form)).Kinds,
        VCpu = verb.Get(VCpu),
        RamGib = verb.Get(Ram),
        Gpus = verb.Get(Gpus),
        GpuModel = verb.Get(Gpu),
        Fpgas = verb.Get(Fpgas),
        Hours = verb.Get(Hours),
        StorageGib = verb.Get(Storage),
        EgressGib = verb.Get(Egress),
    };

    public static Option<int> Whole(string name, string description, int otherwise) =>
        new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => otherwise };

    private static Option<string> OneOf(string name, string help, string description, string[] words)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = help,
            DefaultValueFactory = _ => words[0],
        };
        option.AcceptOnlyFromAmong(words);
        return option;
    }

    private static Option<decimal> Number(string name, string description, decimal otherwise = 0) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => otherwise,
        CustomParser = argument =>
        {
            try
            {
                return Text.Number(argument.Tokens[^1].Value);
            }
            catch (FormatException e)
            {
                argument.AddError($"{name}: {e.Message}");
                return 0;
            }
        },
    };
}
