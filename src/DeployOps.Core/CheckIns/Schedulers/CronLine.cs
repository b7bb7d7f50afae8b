using System.Globalization;

namespace DeployOps.CheckIns.Schedulers;

/// <summary>The line of a crontab that makes check-ins, known again by its end. Pure.</summary>
internal static class CronLine
{
    /// <summary>The line.</summary>
    /// <exception cref="DeployOpsException"><c>IntervalNotForCron</c> where cron cannot keep the interval.</exception>
    internal static string Of(ScheduledCheckIn schedule) => $"{Times(schedule.Every)} {schedule.Command.ToShell().Replace("%", "\\%", StringComparison.Ordinal)} {Mark(schedule.Window)}";

    /// <summary>A crontab without the line of a window.</summary>
    internal static string Without(string crontab, string window)
    {
        var kept = crontab.Split('\n').Where(line => !line.EndsWith($" {Mark(window)}", StringComparison.Ordinal)).ToList();
        return string.Join('\n', kept).TrimEnd('\n') is { Length: > 0 } text ? text + "\n" : "";
    }

    private static string Mark(string window) => $"# deployops {window}";

    private static string Times(TimeSpan every) => (every.TotalMinutes, every.TotalHours) switch
    {
        ( >= 1 and < 60, _) when every.Ticks % TimeSpan.TicksPerMinute == 0 && 60 % every.TotalMinutes == 0 => string.Create(CultureInfo.InvariantCulture, $"*/{every.TotalMinutes:0} * * * *"),
        (_, >= 1 and <= 24) when every.Ticks % TimeSpan.TicksPerHour == 0 && 24 % every.TotalHours == 0 => every.TotalHours >= 24 ? "0 0 * * *" : string.Create(CultureInfo.InvariantCulture, $"0 */{every.TotalHours:0} * * *"),
        _ => throw new DeployOpsException("IntervalNotForCron", FaultKind.InvalidData, $"cron cannot start something every {every}.", "Give minutes that divide an hour, or hours that divide a day, such as 00:30:00."),
    };
}
