using System.CommandLine;
using System.Net.Sockets;
using Rcomm.Control;
using Rcomm.Settings;
using Rcomm.Settings.Groups;
using Rcomm.Status;

namespace Rcomm.Cli;

/// <summary>Which running server a command is for: the one that is named, or the only one that answers this user.</summary>
internal static class RunningServer
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Names it.</summary>
    public static readonly Option<string?> PathOption = new(ListeningGroup.Control.Flag)
    {
        Description = $"the server's control socket, if several servers run [{ListeningGroup.Control.Variable}]",
        HelpName = "PATH",
    };

    /// <summary>The path of its control socket.</summary>
    /// <exception cref="ConfigurationException">None is named, and not exactly one answers.</exception>
    public static string PathIn(ParseResult parsed)
    {
        string? named = parsed.GetValue(PathOption) ?? Environment.GetEnvironmentVariable(ListeningGroup.Control.Variable);
        if (!string.IsNullOrEmpty(named)) return named;

        // This user's own come first: root, too, may run one beside the service.
        List<(string Path, StatusDocument Status)> answering = ControlSockets.Folders.Select(AnsweringIn).FirstOrDefault(found => found.Count > 0) ?? [];
        string name = $"Name its control socket: {ListeningGroup.Control.Flag} PATH, or {ListeningGroup.Control.Variable}.";
        return answering switch
        {
            [var only] => only.Path,
            [] => throw new ConfigurationException($"Which server? None answers in {string.Join(" or ", ControlSockets.Folders)}. {name}"),
            _ => throw new ConfigurationException(
                $"Which server? {answering.Count} run. {name}{string.Concat(answering.Select(one => $"\n  {one.Path}   {Describe(one.Status)}"))}"),
        };
    }

    private static List<(string Path, StatusDocument Status)> AnsweringIn(string folder)
    {
        List<(string, StatusDocument)> answering = [];
        foreach (string path in ControlSockets.In(folder))
            if (StatusAt(path) is { } status) answering.Add((path, status));
        return answering;
    }

    private static string Describe(StatusDocument status) =>
        $"process {status.Process}, {string.Join(", ", status.Queues.Select(queue => queue.Address).Distinct())}";

    // Null for one that has ended without removing its file, or that another user runs.
    private static StatusDocument? StatusAt(string path)
    {
        try
        {
            using ControlChannel channel = ControlChannel.Connect(path, AnswerTimeout);
            channel.Send(ControlMessage.Of(ControlKind.Status));
            return channel.Receive().Status;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return null;
        }
    }
}
