return await Rcomm.Cli.CommandLine.RunAsync(args);
