using System.Net.Sockets;

namespace Rcomm.ProgramTests;

/// <summary>Names chosen by others can't control a terminal.</summary>
public sealed class NamesOfOthersTests
{
    [Theory]
    [InlineData("queues --explain")]
    [InlineData("queues --json")]
    public async Task Escape_sequences_in_the_names_of_processes_and_sockets_are_not_printed(string command)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the queues of other programs are read on Linux alone");
        using var site = new SampleSite();
        // The kernel names a process after its executable file.
        string program = $"'{site.Folder}/\e[2J\u009bevil'";
        await using RcommProcess evil = RcommProcess.StartScript($"ln -s \"$0\" {program} && exec {program} serve {site.Root} --port 0");
        await evil.ListeningLineAsync();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint($"\0rcomm-\e[2J\u009b-{evil.Id}"));
        listener.Listen(5);

        (int exitCode, string output, string errors) = await RcommProcess.RunAsync(command);

        Assert.Equal(0, exitCode);
        Assert.Contains("?[2J?evil", output, StringComparison.Ordinal);
        Assert.Contains($"-{evil.Id}", output, StringComparison.Ordinal);
        Assert.DoesNotContain(output + errors, one => char.IsControl(one) && one != '\n');
    }
}
