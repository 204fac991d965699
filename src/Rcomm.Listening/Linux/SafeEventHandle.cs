using Microsoft.Win32.SafeHandles;
using System.Runtime.InteropServices;

namespace Rcomm.Listening.Linux;

/// <summary>The descriptor of an eventfd(2).</summary>
internal sealed partial class SafeEventHandle() : SafeHandleMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle() => Close((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
