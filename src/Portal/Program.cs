using Exchange.Portal.Cli;

return await CommandLine.Run(args, Terminal.Here());
