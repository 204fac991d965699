using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Rcomm.Shared.Linux;

namespace Rcomm.Http.AccessLogging;

/// <summary>
/// Writes lines to a file, or to a FIFO that another program reads. A line is written completely or not at all: if a full disk or pipe cuts a line off,
/// its rest is written before the next one. On systems other than Linux it uses .NET's file stream.
/// </summary>
internal sealed class LogFile : LineOutput
{
    private readonly string _path;
    private readonly Action<string> _warn;
    private SafeFileHandle? _file;
    private byte[] _endOfCutLine = [];
    private volatile bool _reopen;
    private bool _failed;

    /// <param name="path">The file; created if it doesn't exist.</param>
    /// <param name="warn">Receives the reason when lines begin to be lost.</param>
    /// <exception cref="IOException">The file can't be opened, for a reason other than a FIFO without a reader.</exception>
    public LogFile(string path, Action<string> warn)
    {
        _path = path;
        _warn = warn;
        (_file, Errno error) = Open(path);
        if (error == Errno.ENXIO) Fail(error);
        else if (error != Errno.None)
            throw new IOException(error == Errno.ENOENT ? $"{Describe(error)}. Make the folder: mkdir -p {Path.GetDirectoryName(path)}" : Describe(error));
    }

    public override void Reopen() => _reopen = true;

    public override int Write(ReadOnlySpan<byte> lines)
    {
        if ((_reopen || _file is null) && !TryReopen()) return lines.Count((byte)'\n');
        if (!TryWriteAll(_endOfCutLine, out int written, out Errno error))
        {
            // A new reader of the FIFO starts with a new line.
            _endOfCutLine = error == Errno.EPIPE ? [] : _endOfCutLine[written..];
            return lines.Count((byte)'\n');
        }
        _endOfCutLine = [];
        if (TryWriteAll(lines, out written, out error))
        {
            if (!lines.IsEmpty) _failed = false;
            return 0;
        }

        ReadOnlySpan<byte> left = lines[written..];
        bool isCut = written > 0 && lines[written - 1] != '\n' && error != Errno.EPIPE;
        if (isCut)
        {
            int end = left.IndexOf((byte)'\n') + 1;
            _endOfCutLine = left[..end].ToArray();
            left = left[end..];
        }
        return left.Count((byte)'\n');
    }

    public override void Dispose() => _file?.Dispose();

    private bool TryReopen()
    {
        (SafeFileHandle? opened, Errno error) = Open(_path);
        if (opened is null)
        {
            Fail(error);
            return _file is not null;
        }
        _reopen = false;
        _file?.Dispose();
        _file = opened;
        _endOfCutLine = [];
        return true;
    }

    private bool TryWriteAll(ReadOnlySpan<byte> bytes, out int written, out Errno error)
    {
        written = 0;
        error = Errno.None;
        while (written < bytes.Length)
        {
            nint count = WriteSome(bytes[written..], out error);
            if (count >= 0) written += (int)count;
            else if (error != Errno.EINTR)
            {
                Fail(error);
                return false;
            }
        }
        return true;
    }

    private nint WriteSome(ReadOnlySpan<byte> bytes, out Errno error)
    {
        error = Errno.None;
        if (OperatingSystem.IsLinux())
        {
            nint count = LibC.Write(_file!, bytes);
            if (count < 0) error = LibC.LastError;
            return count;
        }
        try
        {
            RandomAccess.Write(_file!, bytes, RandomAccess.GetLength(_file!));
            return bytes.Length;
        }
        catch (IOException)
        {
            error = Errno.EIO;
            return -1;
        }
    }

    private void Fail(Errno error)
    {
        if (!_failed) _warn($"{_path}: {Describe(error)}");
        _failed = true;
    }

    private static (SafeFileHandle? File, Errno Error) Open(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            SafeFileHandle file = AppendFile.Open(path);
            return file.IsInvalid ? (null, LibC.LastError) : (file, Errno.None);
        }
        try
        {
            return (File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete), Errno.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, e is UnauthorizedAccessException ? Errno.EACCES : Errno.ENOENT);
        }
    }

    private static string Describe(Errno error) => error switch
    {
        Errno.ENXIO or Errno.EPIPE => "nobody reads this FIFO",
        Errno.EAGAIN => "the FIFO is full, its reader is too slow",
        _ => $"{Marshal.GetPInvokeErrorMessage((int)error)} ({error})",
    };
}
