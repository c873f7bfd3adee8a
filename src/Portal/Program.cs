using System.CommandLine;

return await new RootCommand("The exchange: meters usage, rates it, invoices it.").Parse(args).InvokeAsync();
