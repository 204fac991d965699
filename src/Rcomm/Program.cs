using Rcomm.Cli;

if (OutOfFiles.IsNear()) return OutOfFiles.Report();
return await CommandLine.RunAsync(args);
