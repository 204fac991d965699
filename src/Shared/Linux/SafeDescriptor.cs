using Microsoft.Win32.SafeHandles;

namespace Rcomm.Shared.Linux;

/// <summary>
/// A descriptor that is closed by a plain close(2). .NET's socket handle sets <c>SO_LINGER</c> when it closes, which changes the socket for every process
/// that shares it.
/// </summary>
internal sealed class SafeDescriptor : SafeHandleMinusOneIsInvalid
{
    public SafeDescriptor() : base(ownsHandle: true)
    {
    }

    public SafeDescriptor(int descriptor) : base(ownsHandle: true) => SetHandle(descriptor);

    protected override bool ReleaseHandle() => LibC.Close((int)handle) == 0;
}
