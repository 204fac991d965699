using System.Runtime.InteropServices;

namespace Rcomm.Shared.Linux.SockDiag;

/// <summary>Enumerates the attributes after the fixed part of a netlink message (<c>struct rtattr</c>, rtnetlink(7)).</summary>
internal ref struct Attributes(ReadOnlySpan<byte> rest)
{
    private const int HeaderSize = 4;

    private ReadOnlySpan<byte> _rest = rest;

    public ushort Type { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public bool MoveNext()
    {
        if (_rest.Length < HeaderSize) return false;
        int length = MemoryMarshal.Read<ushort>(_rest);
        if (length < HeaderSize || length > _rest.Length) return false;

        Type = MemoryMarshal.Read<ushort>(_rest[2..]);
        Value = _rest[HeaderSize..length];
        _rest = _rest[Math.Min(_rest.Length, NetlinkQuery.Aligned(length))..];
        return true;
    }
}
