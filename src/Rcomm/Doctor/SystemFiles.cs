using System.Globalization;

namespace Rcomm.Doctor;

/// <summary>Reads the files in which Linux describes itself, under a root that tests can choose.</summary>
internal sealed class SystemFiles(string root = "/")
{
    /// <summary>Returns the text of a file without surrounding white space; null if it doesn't exist or can't be read.</summary>
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

    /// <summary>Returns a sysctl, by its dotted name, as a number.</summary>
    public long? ReadSysctl(string name) =>
        long.TryParse(Read("/proc/sys/" + name.Replace('.', '/')), CultureInfo.InvariantCulture, out long value) ? value : null;
}
