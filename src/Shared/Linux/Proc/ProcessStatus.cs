using System.Globalization;

namespace Rcomm.Shared.Linux.Proc;

/// <summary>The rights of a process, from <c>/proc/PID/status</c> (proc(5)).</summary>
internal readonly record struct ProcessStatus(uint RealUser, uint EffectiveUser, ulong EffectiveCapabilities, int Seccomp)
{
    /// <summary>Bits of a capability mask (include/uapi/linux/capability.h).</summary>
    public const int DacOverride = 1, DacReadSearch = 2, SysPtrace = 19, SysAdmin = 21;

    /// <summary>The status of this process.</summary>
    public static ProcessStatus Own => Of("self") ?? default;

    /// <summary>Reads the status of a process; null if it is gone or hidden.</summary>
    public static ProcessStatus? Of(int process) => Of(process.ToString(CultureInfo.InvariantCulture));

    /// <summary>
    /// Whether the process may inspect the descriptors of any process: /proc/PID/fd belongs to the owner, and reading its links needs the same rights as
    /// ptrace(2).
    /// </summary>
    public bool SeesEveryProcess => Has(SysPtrace) && (Has(DacReadSearch) || Has(DacOverride));

    /// <summary>Returns true if the process has the capability.</summary>
    public bool Has(int capability) => (EffectiveCapabilities >> capability & 1) != 0;

    private static ProcessStatus? Of(string process)
    {
        try
        {
            return Parse(File.ReadLines($"/proc/{process}/status"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static ProcessStatus Parse(IEnumerable<string> lines)
    {
        var status = default(ProcessStatus);
        foreach (string line in lines)
        {
            string[] words = line.Split((char[])[':', '\t', ' '], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2) continue;
            status = words[0] switch
            {
                "Uid" when words.Length > 2 => status with { RealUser = Number(words[1]), EffectiveUser = Number(words[2]) },
                "CapEff" => status with { EffectiveCapabilities = ulong.Parse(words[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) },
                "Seccomp" => status with { Seccomp = (int)Number(words[1]) },
                _ => status,
            };
        }
        return status;

        static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);
    }
}
