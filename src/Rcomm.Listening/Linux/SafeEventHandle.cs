using Microsoft.Win32.SafeHandles;

namespace Rcomm.Listening.Linux;

/// <summary>The descriptor of an eventfd(2).</summary>
internal sealed class SafeEventHandle() : SafeHandleMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle() => SocketCalls.Close((int)handle) == 0;
}
