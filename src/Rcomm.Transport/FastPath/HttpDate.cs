using System.Globalization;

namespace Rcomm.Transport.FastPath;

/// <summary>The current time in the format of the <c>Date</c> header, formatted once a second.</summary>
internal static class HttpDate
{
    private static volatile Second s_last = new(0, []);

    public static byte[] Now
    {
        get
        {
            DateTime now = DateTime.UtcNow;
            long second = now.Ticks / TimeSpan.TicksPerSecond;
            if (s_last is { } last && last.Number == second) return last.Text;

            byte[] text = new byte[ReadyAnswer.DateLength];
            now.TryFormat(text, out _, "R", CultureInfo.InvariantCulture);
            s_last = new(second, text);
            return text;
        }
    }

    private sealed record Second(long Number, byte[] Text);
}
