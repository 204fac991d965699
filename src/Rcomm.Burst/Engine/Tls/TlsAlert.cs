namespace Rcomm.Burst.Engine.Tls;

/// <summary>The names of TLS alerts (RFC 8446, 6; RFC 7301; RFC 5246, 7.2), and how OpenSSL reports their numbers.</summary>
internal static class TlsAlert
{
    // SSL_AD_REASON_OFFSET (openssl/ssl.h): a received alert has the reason 1000 + its number.
    private const int ReasonOffset = 1000;

    // ERR_LIB_SSL and ERR_GET_LIB, ERR_GET_REASON (openssl/err.h).
    private const int LibSsl = 20;
    private const int LibShift = 23;
    private const int LibMask = 0xFF;
    private const int ReasonMask = 0x7FFFFF;

    private static readonly Dictionary<int, string> Names = new()
    {
        [0] = "close_notify",
        [10] = "unexpected_message",
        [20] = "bad_record_mac",
        [21] = "decryption_failed",
        [22] = "record_overflow",
        [30] = "decompression_failure",
        [40] = "handshake_failure",
        [41] = "no_certificate",
        [42] = "bad_certificate",
        [43] = "unsupported_certificate",
        [44] = "certificate_revoked",
        [45] = "certificate_expired",
        [46] = "certificate_unknown",
        [47] = "illegal_parameter",
        [48] = "unknown_ca",
        [49] = "access_denied",
        [50] = "decode_error",
        [51] = "decrypt_error",
        [60] = "export_restriction",
        [70] = "protocol_version",
        [71] = "insufficient_security",
        [80] = "internal_error",
        [86] = "inappropriate_fallback",
        [90] = "user_canceled",
        [100] = "no_renegotiation",
        [109] = "missing_extension",
        [110] = "unsupported_extension",
        [111] = "certificate_unobtainable",
        [112] = "unrecognized_name",
        [113] = "bad_certificate_status_response",
        [114] = "bad_certificate_hash_value",
        [115] = "unknown_psk_identity",
        [116] = "certificate_required",
        [120] = "no_application_protocol",
    };

    /// <summary>Returns the name of an alert, or its number if it has none.</summary>
    public static string NameOf(int alert) => Names.TryGetValue(alert, out string? name) ? name : $"alert {alert}";

    /// <summary>Returns the alert that the server sent, if OpenSSL reports one in this exception or an inner one.</summary>
    public static string? In(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            int reason = exception.HResult & ReasonMask;
            if ((exception.HResult >>> LibShift & LibMask) == LibSsl && reason is >= ReasonOffset and < ReasonOffset + 256)
                return NameOf(reason - ReasonOffset);
        }
        return null;
    }
}
