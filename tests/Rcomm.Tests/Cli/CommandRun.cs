using System.Text;
using Rcomm.Cli;

namespace Rcomm.Tests.Cli;

/// <summary>A command of <c>rcomm</c> that ends by itself, run in this process, with what it writes.</summary>
internal static class CommandRun
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);
    private static readonly AsyncLocal<(TextWriter Output, TextWriter Errors)?> Current = new();

    static CommandRun()
    {
        Console.SetOut(new RunWriter(Console.Out, run => run.Output));
        Console.SetError(new RunWriter(Console.Error, run => run.Errors));
    }

    /// <summary>Runs it; arguments are separated by spaces.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string arguments)
    {
        StringWriter output = new(), errors = new();
        Current.Value = (TextWriter.Synchronized(output), TextWriter.Synchronized(errors));
        int exitCode = await CommandLine.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)).WaitAsync(WaitTimeout);
        return (exitCode, output.ToString(), errors.ToString());
    }

    /// <summary>Runs a wrong command line, which must end with 2 and without a stack trace. Returns standard output and standard error.</summary>
    public static async Task<(string Output, string Errors)> RefusedAsync(string arguments)
    {
        (int exitCode, string output, string errors) = await RunAsync(arguments);

        Assert.Equal(2, exitCode);
        Assert.DoesNotContain("   at ", errors);
        return (output, errors);
    }

    /// <summary>Writes to the run that writes, of several at once, and elsewhere what is written outside of any.</summary>
    private sealed class RunWriter(TextWriter outside, Func<(TextWriter Output, TextWriter Errors), TextWriter> ofRun) : TextWriter
    {
        public override Encoding Encoding => outside.Encoding;

        private TextWriter Writer => Current.Value is { } run ? ofRun(run) : outside;

        public override void Write(char value) => Writer.Write(value);

        public override void Write(char[] buffer, int index, int count) => Writer.Write(buffer, index, count);

        public override void Write(string? value) => Writer.Write(value);

        public override void Flush() => Writer.Flush();
    }
}
