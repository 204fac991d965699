using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux;

/// <summary>geteuid(2).</summary>
internal static partial class Identity
{
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();
}
