using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux.Proc;

/// <summary>
/// Reads <c>ListenDrops</c> of this process's network namespace (/proc/net/netstat, TcpExt; net/ipv4/proc.c): the handshakes lost by all its listening
/// sockets together. Repeated reads allocate nothing.
/// </summary>
internal sealed class ListenDrops : IDisposable
{
    private const string Path = "/proc/self/net/netstat";

    private readonly SafeFileHandle? _file;
    private byte[] _buffer = new byte[8192];

    public ListenDrops()
    {
        try
        {
            _file = File.OpenHandle(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not Linux, or /proc isn't mounted.
        }
    }

    /// <summary>Reads the counter once.</summary>
    public static long? ReadOnce()
    {
        using var listenDrops = new ListenDrops();
        return listenDrops.Read();
    }

    /// <summary>Reads the counter; null if the system doesn't report it.</summary>
    public long? Read()
    {
        if (_file is null) return null;
        try
        {
            int length = RandomAccess.Read(_file, _buffer, 0);
            while (length == _buffer.Length)
            {
                _buffer = new byte[2 * _buffer.Length];
                length = RandomAccess.Read(_file, _buffer, 0);
            }
            return Parse(_buffer.AsSpan(0, length));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Parses /proc/net/netstat: pairs of lines, names above numbers.</summary>
    public static long? Parse(ReadOnlySpan<byte> netstat)
    {
        ReadOnlySpan<byte> names = default;
        foreach (Range range in netstat.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = netstat[range];
            if (!line.StartsWith("TcpExt:"u8)) continue;
            if (!names.IsEmpty) return NumberUnder("ListenDrops"u8, names, line);
            names = line;
        }
        return null;
    }

    public void Dispose() => _file?.Dispose();

    private static long? NumberUnder(ReadOnlySpan<byte> name, ReadOnlySpan<byte> names, ReadOnlySpan<byte> numbers)
    {
        int column = 0;
        bool isThere = false;
        foreach (Range range in names.Split((byte)' '))
        {
            if (isThere = names[range].SequenceEqual(name)) break;
            column++;
        }
        if (!isThere) return null;
        foreach (Range range in numbers.Split((byte)' '))
            if (column-- == 0) return Utf8Parser.TryParse(numbers[range], out long number, out _) ? number : null;
        return null;
    }
}
