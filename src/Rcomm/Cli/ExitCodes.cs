namespace Rcomm.Cli;

/// <summary>The exit codes of all commands.</summary>
internal static class ExitCodes
{
    public const int Fine = 0;
    public const int Failed = 1;
    public const int WrongConfiguration = 2;
}
