using Exchange.Journal;
using Exchange.Portal.Cli;
using Exchange.Portal.Installing;

OwnFiles.Only();
SettingsFile.Load();
return await CommandLine.Run(args, Terminal.Here());
