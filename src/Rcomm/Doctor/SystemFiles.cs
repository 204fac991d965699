using System.Globalization;

namespace Rcomm.Doctor;

/// <summary>Files in which Linux tells of itself, under a root that a test can choose.</summary>
internal sealed class SystemFiles(string root = "/")
{
    /// <summary>The text of a file without white space around it; null where it is not there or may not be read.</summary>
    public string? Read(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, path.TrimStart('/'))).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A sysctl by its dotted name, as a number.</summary>
    public long? ReadSysctl(string name) =>
        long.TryParse(Read("/proc/sys/" + name.Replace('.', '/')), CultureInfo.InvariantCulture, out long value) ? value : null;
}
