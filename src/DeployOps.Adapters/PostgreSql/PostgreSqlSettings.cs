using System.Globalization;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Settings of a session.</summary>
internal static class PostgreSqlSettings
{
    /// <summary>What the text of a value depends on, so that the same value reads the same in every database and session.</summary>
    internal static IReadOnlyList<string> Texts { get; } =
    [
        "SET TimeZone = 'UTC'", "SET DateStyle = 'ISO, YMD'", "SET IntervalStyle = 'postgres'", "SET extra_float_digits = 1", "SET bytea_output = 'hex'",
    ];

    /// <summary>A length of time as a setting: whole milliseconds, 0 where it has no end.</summary>
    internal static string Milliseconds(TimeSpan time) =>
        time == Timeout.InfiniteTimeSpan ? "0" : Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 1, int.MaxValue).ToString("0", CultureInfo.InvariantCulture);
}
