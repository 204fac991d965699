using Rcomm.Shared.Linux;



namespace Rcomm.Http.AccessLogging;

/// <summary>Where log lines go: standard output, a file, or both. Used by one thread, but for <see cref="Reopen"/>.</summary>
internal sealed class LogOutput(bool standardOutput, string? path, Action<string> warn) : IDisposable
{
    private readonly Stream? _standardOutput = standardOutput ? Console.OpenStandardOutput() : null;
    private FileStream? _file = path is null ? null : OpenFile(path);
    private volatile bool _reopen;
    private bool _warned;

    /// <summary>Opens the file.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write it.</exception>
    private static FileStream OpenFile(string path)
    {
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        });
        // .NET appends to where the end was when it opened the file. In a takeover two processes write to it.
        if (OperatingSystem.IsLinux()) LibC.SetAppend(file.SafeFileHandle);
        return file;
    }

    /// <summary>Has the file opened anew before the next write. May be called from any thread.</summary>
    public void Reopen() => _reopen = true;

    /// <summary>Writes to each; false where one of them refused.</summary>
    public bool TryWrite(ReadOnlySpan<byte> lines)
    {
        try
        {
            if (_reopen && path is not null)
            {
                _reopen = false;
                FileStream opened = OpenFile(path);
                _file?.Dispose();
                _file = opened;
            }
            if (lines.IsEmpty) return true;
            _standardOutput?.Write(lines);
            _file?.Write(lines);
            _warned = false;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody reads the output any more, or the disk is full: serving goes on without the lines.
            if (!_warned) warn(e.Message);
            _warned = true;
            return false;
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _standardOutput?.Dispose();
    }
}
