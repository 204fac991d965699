namespace Rcomm.Cli;

/// <summary>What the process ends with; the same for every command.</summary>
internal static class ExitCodes
{
    public const int Fine = 0;
    public const int Failed = 1;
    public const int WrongConfiguration = 2;
}
