using System.Globalization;

namespace DeployOps.Reports.Sections;

/// <summary>Where a moment stands between two others, for pictures.</summary>
/// <param name="From">The left edge.</param>
/// <param name="To">The right edge.</param>
internal sealed record TimeScale(DateTimeOffset From, DateTimeOffset To)
{
    private static readonly TimeSpan Fine = TimeSpan.FromSeconds(8);

    // Also in a window that ended within one tick of the clock something must be drawn.
    private TimeSpan Length => To > From ? To - From : TimeSpan.FromMilliseconds(1);

    /// <summary>The moment at a share of the way, 0 to 1.</summary>
    internal DateTimeOffset At(double share) => new(Math.Min(From.UtcTicks + (long)(Length.Ticks * share), DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero);

    /// <summary>The share of the way, 0 to 1.</summary>
    internal double Place01(DateTimeOffset time) => Math.Clamp((time - From) / Length, 0, 1);

    /// <summary>The place in percent.</summary>
    internal string Place(DateTimeOffset time) => ReportText.Number(100 * Place01(time));

    /// <summary>The width of a stretch in percent.</summary>
    internal string Width(DateTimeOffset from, DateTimeOffset to) => ReportText.Number(100 * Math.Max(0, Place01(to) - Place01(from)));

    /// <summary>On which side of its place a label stands, so that it stays inside the picture.</summary>
    internal string Side(DateTimeOffset time) => Place01(time) switch
    {
        < 0.15 => "from",
        > 0.85 => "upto",
        _ => "middle",
    };

    /// <summary>Tenths of a second, where the picture is so short that its ticks would read alike without.</summary>
    internal string Fraction(DateTimeOffset time) => Length < Fine ? time.UtcDateTime.ToString("'.'f", CultureInfo.InvariantCulture) : "";

    /// <summary>The style that pins a label to its place.</summary>
    internal string Anchor(DateTimeOffset time) => Side(time) == "upto" ? $"right:{ReportText.Number(100 - (100 * Place01(time)))}%" : $"left:{Place(time)}%";
}
