namespace Rcomm.Tests.Cli;

/// <summary>What the program prints of itself.</summary>
public sealed class PrintedPagesTests
{
    [Fact]
    public async Task The_published_schema_is_the_one_that_the_program_prints()
    {
        (_, string output, _) = await CommandRun.RunAsync("check --schema");

        Assert.Equal((await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "rcomm.schema.json"))).Trim(), output.Trim());
    }

    [Fact]
    public async Task The_manual_page_has_every_command_and_setting()
    {
        (int exitCode, string output, _) = await CommandRun.RunAsync("man");

        Assert.Equal(0, exitCode);
        Assert.StartsWith(".TH RCOMM 1", output);
        foreach (string part in (string[])["rcomm queues", "rcomm burst", "RCOMM_BACKLOG", "RCOMM_UPSTREAM", "SIGUSR1", ".SH EXAMPLES", ".SH FILES",
            ".SH ENVIRONMENT", ".SH EXIT STATUS"]) Assert.Contains(part, output);
    }
}
