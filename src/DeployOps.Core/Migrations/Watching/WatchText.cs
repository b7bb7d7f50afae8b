using System.Globalization;

namespace DeployOps.Migrations.Watching;

/// <summary>Numbers of a watch in words, the same in every culture.</summary>
internal static class WatchText
{
    private const double Kibi = 1024;

    internal static string Time(TimeSpan time) => time.TotalMinutes >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.##} s");

    internal static string Size(double bytes) => bytes switch
    {
        < Kibi => string.Create(CultureInfo.InvariantCulture, $"{bytes:0} bytes"),
        < Kibi * Kibi => string.Create(CultureInfo.InvariantCulture, $"{bytes / Kibi:0.#} KiB"),
        < Kibi * Kibi * Kibi => string.Create(CultureInfo.InvariantCulture, $"{bytes / (Kibi * Kibi):0.#} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (Kibi * Kibi * Kibi):0.##} GiB"),
    };

    internal static string Sessions(int count) => count == 1 ? "1 session" : string.Create(CultureInfo.InvariantCulture, $"{count} sessions");

    internal static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %");
}
