using Exchange.Journal;
using Exchange.Portal;
using Exchange.Portal.Cli;

NativeHeap.ShareOne();
OwnFiles.Only();
return await CommandLine.Run(args, Terminal.Here());
