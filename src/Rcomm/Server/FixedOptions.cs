using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace Rcomm.Server;

/// <summary>Options that have no other source and never change, for what monitors them; others take <see cref="Options.Create"/>.</summary>
internal sealed class FixedOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(T value)
    : IOptionsMonitor<T>
    where T : class
{
    public T CurrentValue => value;

    public T Get(string? name) => value;

    public IDisposable? OnChange(Action<T, string?> listener) => null;
}
