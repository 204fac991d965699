using System.Globalization;

namespace Rcomm.Shared.Linux.Proc;

/// <summary>What <c>/proc/PID/status</c> says of a process's rights (proc(5)).</summary>
internal readonly record struct ProcessStatus(uint RealUser, uint EffectiveUser, ulong EffectiveCapabilities, int Seccomp)
{
    /// <summary>Bits of a capability mask (include/uapi/linux/capability.h).</summary>
    public const int DacOverride = 1, DacReadSearch = 2, SysPtrace = 19, SysAdmin = 21;

    /// <summary>This process's own.</summary>
    public static ProcessStatus Own => Of("self") ?? default;

    /// <summary>The status of a process; null where it is gone or hidden.</summary>
    public static ProcessStatus? Of(int process) => Of(process.ToString(CultureInfo.InvariantCulture));

    /// <summary>
    /// True where it may look at the descriptors of any process: /proc/PID/fd is the owner's own, and what its links say is guarded as
    /// ptrace(2) is.
    /// </summary>
    public bool SeesEveryProcess => Has(SysPtrace) && (Has(DacReadSearch) || Has(DacOverride));

    /// <summary>True where it has the capability.</summary>
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
