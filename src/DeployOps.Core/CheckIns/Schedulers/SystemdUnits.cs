using System.Globalization;

namespace DeployOps.CheckIns.Schedulers;

/// <summary>A service that makes one check-in, and the timer that starts it. Pure.</summary>
internal static class SystemdUnits
{
    internal static IReadOnlyList<ScheduleFile> Files(ScheduledCheckIn schedule, string folder) =>
    [
        new(Path.Combine(folder, $"{schedule.Name}.service"), Service(schedule)),
        new(Path.Combine(folder, $"{schedule.Name}.timer"), Timer(schedule)),
    ];

    private static string Service(ScheduledCheckIn schedule) => string.Join('\n',
    [
        "[Unit]",
        $"Description=DeployOps check-in of {schedule.Window}",
        "",
        "[Service]",
        "Type=oneshot",
        // One that hangs would keep the timer from starting another.
        string.Create(CultureInfo.InvariantCulture, $"TimeoutStartSec={schedule.Every.TotalSeconds:0}"),
        .. schedule.Command.Environment.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"Environment={Quoted($"{pair.Key}={pair.Value}", dollars: false)}"),
        $"ExecStart={string.Join(' ', schedule.Command.Words.Select(word => Quoted(word, dollars: true)))}",
        "",
    ]);

    // From one start to the next, and from the start of the timer, which a boot starts again. Time asleep is not counted: the next check-in judges it too.
    private static string Timer(ScheduledCheckIn schedule) => string.Create(CultureInfo.InvariantCulture, $"""
        [Unit]
        Description=DeployOps check-ins of {schedule.Window}

        [Timer]
        OnActiveSec={schedule.Every.TotalSeconds:0}
        OnUnitActiveSec={schedule.Every.TotalSeconds:0}
        AccuracySec=10

        [Install]
        WantedBy=timers.target

        """).ReplaceLineEndings("\n");

    // Percent signs are specifiers, and in a command dollar signs are variables.
    private static string Quoted(string text, bool dollars)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal);
        return $"\"{(dollars ? escaped.Replace("$", "$$", StringComparison.Ordinal) : escaped)}\"";
    }
}
