using System.CommandLine;
using System.Net.Sockets;
using Rcomm.Control;
using Rcomm.Settings;
using Rcomm.Settings.Groups;
using Rcomm.Status;

namespace Rcomm.Cli;

/// <summary>Finds the running server that a command is for: the named one, or the only one that answers this user.</summary>
internal static class RunningServer
{
    private static readonly string HowToName =
        $"Name the control socket: {ListeningGroup.Control.Flag} PATH, or {ListeningGroup.Control.Variable}, or its configuration: -c FILE.";
    // A server that is overloaded answers late; commands are needed most then.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The option that names its control socket.</summary>
    public static readonly Option<string?> PathOption = new(ListeningGroup.Control.Flag)
    {
        Description = "the server's control socket; by default the one in the configuration, otherwise that of the only running server",
        HelpName = "PATH",
    };

    /// <summary>Adds the options that select a server to a command.</summary>
    public static void AddOptions(Command command)
    {
        command.Options.Add(PathOption);
        CommandLineSettings.AddFiles(command);
    }

    /// <summary>Returns the path of its control socket.</summary>
    /// <param name="tells">True to print which server was found if none is named, because the command changes it.</param>
    /// <exception cref="ConfigurationException">No server is named, and not exactly one answers.</exception>
    public static string PathIn(ParseResult parsed, bool tells)
    {
        if (parsed.GetValue(PathOption) is { Length: > 0 } named) return named;
        SettingValue configured = CommandLineSettings.Read(parsed).Find(ListeningGroup.Control);
        if (configured is { Where: not null, Text: "off" })
            throw new ConfigurationException($"{configured.Quoted}: that server has no control socket. {HowToName}");
        if (configured.Where is not null) return configured.Text;

        // This user's own servers come first, even for root, who may run one beside the service.
        List<(string Path, StatusDocument Status)> answering = ControlSockets.Folders.Select(AnsweringIn).FirstOrDefault(found => found.Count > 0) ?? [];
        if (answering is [var only])
        {
            if (tells) Console.WriteLine($"Process {only.Status.Process}, {AddressesOf(only.Status)}:");
            return only.Path;
        }
        throw new ConfigurationException(answering.Count == 0
            ? $"No running server found in {string.Join(" or ", ControlSockets.Folders)}. {HowToName}"
            : $"{answering.Count} servers are running. {HowToName}{string.Concat(answering.Select(one => $"\n  {one.Path}   {Describe(one.Status)}"))}");
    }

    private static List<(string Path, StatusDocument Status)> AnsweringIn(string folder)
    {
        List<(string, StatusDocument)> answering = [];
        foreach (string path in ControlSockets.In(folder))
            if (StatusAt(path, AnswerTimeout) is { } status) answering.Add((path, status));
        return answering;
    }

    private static string Describe(StatusDocument status) => $"process {status.Process}, {AddressesOf(status)}";

    private static string AddressesOf(StatusDocument status) => string.Join(", ", status.Queues.Select(queue => queue.Address).Distinct());

    /// <summary>
    /// Returns the status of the server at a control socket; null if none answers, e.g. because it has ended without removing the file.
    /// </summary>
    public static StatusDocument? StatusAt(string path, TimeSpan timeout)
    {
        try
        {
            using ControlChannel channel = ControlChannel.Connect(path, timeout);
            channel.Send(ControlMessage.Of(ControlKind.Status));
            return channel.Receive().Status;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return null;
        }
    }
}
