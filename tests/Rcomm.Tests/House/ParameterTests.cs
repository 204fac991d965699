using System.CodeDom.Compiler;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rcomm.Tests.House;

/// <summary>
/// A call must be readable without its declaration: a method with more than five values takes a type with named members instead. A record
/// is such a type. System calls and log messages may have as many values as they need.
/// </summary>
public sealed class ParameterTests
{
    private const int MaxParameters = 5;

    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    internal static readonly Assembly[] Assemblies =
    [
        typeof(Rcomm.Cli.ExitCodes).Assembly, typeof(Kestrel.ListenQueueOptions).Assembly, typeof(Transport.FastPath.IReadyAnswers).Assembly,
        typeof(Listening.Sockets.ListenSocket).Assembly, typeof(Rcomm.Burst.BurstPlan).Assembly,
    ];

    [Fact]
    public void Nothing_takes_more_than_five_parameters()
    {
        string[] tooMany = [.. Assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Namespace?.StartsWith("Rcomm", StringComparison.Ordinal) == true && !IsGenerated(type))
            .SelectMany(type => type.GetMembers(All).OfType<MethodBase>())
            .Where(method => !IsOfRecord(method) && !IsOfDelegate(method) && !IsCallOfTheKernel(method) && !IsGenerated(method))
            .Select(method => (Name: $"{method.DeclaringType}.{method.Name}", Count: method.GetParameters().Count(parameter => !IsCapture(parameter))))
            .Where(method => method.Count > MaxParameters)
            .Select(method => $"{method.Name} takes {method.Count} parameters; those that travel together are a type.")
            .Distinct().Order()];

        Assert.True(tooMany.Length == 0, string.Join('\n', tooMany));
    }

    // The type with a name is the record itself, and its members are written once, as parameters of its constructor.
    private static bool IsOfRecord(MethodBase method) =>
        method.DeclaringType!.GetMethod("PrintMembers", All) is not null && (method.IsConstructor || method.Name == "Deconstruct");

    // For a delegate, Invoke counts; BeginInvoke has two more.
    private static bool IsOfDelegate(MethodBase method) => method.DeclaringType!.IsSubclassOf(typeof(Delegate)) && method.Name != "Invoke";

    private static bool IsCallOfTheKernel(MethodBase method) =>
        method.Attributes.HasFlag(MethodAttributes.PinvokeImpl) || method.GetCustomAttribute<LibraryImportAttribute>() is not null;

    // E.g. a [LoggerMessage]: its parameters are the placeholders of its text.
    private static bool IsGenerated(MemberInfo member) => member.GetCustomAttribute<GeneratedCodeAttribute>() is not null
        || (member.DeclaringType is { } outer && IsGenerated(outer));

    // What a local function captures from the surrounding method.
    private static bool IsCapture(ParameterInfo parameter) => parameter.ParameterType.IsByRef
        && parameter.ParameterType.GetElementType()!.IsDefined(typeof(CompilerGeneratedAttribute));
}
