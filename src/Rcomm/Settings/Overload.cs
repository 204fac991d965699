namespace Rcomm.Settings;

/// <summary>What happens to connections past <c>RCOMM_MAX_CONNECTIONS</c>.</summary>
internal enum Overload
{
    /// <summary>They wait in the listen queue.</summary>
    Wait,

    /// <summary>They are answered with 503 immediately.</summary>
    Reject,
}
