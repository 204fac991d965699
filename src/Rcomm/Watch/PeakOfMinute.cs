namespace Rcomm.Watch;

/// <summary>The peak depth of the last minute, in intervals of ten seconds.</summary>
internal sealed class PeakOfMinute
{
    private const int Parts = 6;
    private static readonly TimeSpan Part = TimeSpan.FromSeconds(10);

    private readonly int[] _peaks = new int[Parts + 1];
    private long _current = -1;

    public int Value => _peaks.Max();

    public void Add(TimeSpan now, int depth)
    {
        long part = now.Ticks / Part.Ticks;
        for (long passed = Math.Max(_current + 1, part - Parts); passed <= part; passed++) _peaks[passed % _peaks.Length] = 0;
        _current = part;
        ref int peak = ref _peaks[part % _peaks.Length];
        peak = Math.Max(peak, depth);
    }
}
