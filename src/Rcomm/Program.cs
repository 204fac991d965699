using Rcomm.Cli;

try
{
    return await CommandLine.RunAsync(args);
}
catch (Exception) when (OutOfFiles.IsReached())
{
    return OutOfFiles.Report();
}
