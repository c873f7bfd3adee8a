using Exchange.Journal;
using Exchange.Portal.Cli;

OwnFiles.Only();
return await CommandLine.Run(args, Terminal.Here());
