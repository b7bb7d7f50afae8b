using System.Diagnostics;
using System.Text;
using DeployOps.Journal;

namespace DeployOps.CheckIns.Schedulers;

/// <summary>Writes what a scheduler reads, has it read that, and takes it away again.</summary>
internal static class Scheduler
{
    private const string SystemdRuns = "/run/systemd/system";

    private static readonly TimeSpan TurnPatience = TimeSpan.FromSeconds(20);

    // What systemctl is-active ends with for a unit that does not run, and for one that is not there: systemctl(1), Exit status.
    private const int Inactive = 3;
    private const int NoSuchUnit = 4;

    /// <summary>What this machine has: Task Scheduler on Windows; systemd where it runs; else cron; null where it has none.</summary>
    internal static CheckInScheduler? Find() => (OperatingSystem.IsWindows(), Directory.Exists(SystemdRuns), OnPath("crontab")) switch
    {
        (true, _, _) => CheckInScheduler.TaskScheduler,
        (_, true, _) => CheckInScheduler.Systemd,
        (_, _, true) => CheckInScheduler.Cron,
        _ => null,
    };

    /// <summary>The refusal to rely on a machine that starts nothing.</summary>
    internal static DeployOpsException Missing() => new(
        "SchedulerMissing",
        FaultKind.NotFound,
        "This machine has neither systemd nor cron to start check-ins.",
        "Give -Scheduler None, and have the command that is emitted run by a scheduler of your own.");

    /// <summary>The files that are written for it.</summary>
    internal static IReadOnlyList<ScheduleFile> Files(ScheduledCheckIn schedule) => schedule.Scheduler switch
    {
        CheckInScheduler.Systemd => SystemdUnits.Files(schedule, schedule.Folder ?? UnitFolder(schedule.Scope)),
        CheckInScheduler.Cron when schedule.Folder is { } folder => [new(Path.Combine(folder, $"{schedule.Name}.crontab"), CronLine.Of(schedule) + "\n")],
        CheckInScheduler.TaskScheduler => [new(Path.Combine(schedule.Folder ?? Path.GetTempPath(), $"{schedule.Name}.xml"), TaskXml.Of(schedule))],
        _ => [],
    };

    /// <summary>Writes the files and has the scheduler begin.</summary>
    /// <exception cref="DeployOpsException"><c>SchedulerFailed</c>, with what it said; <c>IntervalNotForCron</c>.</exception>
    internal static async Task InstallAsync(ScheduledCheckIn schedule, CancellationToken cancellationToken)
    {
        foreach (var file in Files(schedule))
        {
            Write(file, schedule.Scheduler == CheckInScheduler.TaskScheduler ? Encoding.Unicode : new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }

        if (schedule.Folder is not null)
        {
            return;
        }

        switch (schedule.Scheduler)
        {
            case CheckInScheduler.Systemd:
                await SystemctlAsync(schedule.Scope, ["daemon-reload"], cancellationToken);
                await SystemctlAsync(schedule.Scope, ["enable", "--now", $"{schedule.Name}.timer"], cancellationToken);
                break;
            case CheckInScheduler.Cron:
                await CrontabAsync(schedule.Window, text => text + CronLine.Of(schedule) + "\n", cancellationToken);
                break;
            case CheckInScheduler.TaskScheduler:
                await RunAsync("schtasks", ["/Create", "/F", "/TN", schedule.Name, "/XML", Files(schedule)[0].Path], null, cancellationToken);
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// What keeps a user's timers from going on once that user has logged out: systemd ends them then unless the user lingers. Null where they go on, and where there is no such timer.
    /// Source: loginctl(1), enable-linger.
    /// </summary>
    internal static async Task<string?> EndsWithLogoutAsync(ScheduledCheckIn schedule, CancellationToken cancellationToken)
    {
        if (schedule is not { Scheduler: CheckInScheduler.Systemd, Scope: SchedulerScope.User, Folder: null })
        {
            return null;
        }

        return await LingersAsync(cancellationToken) ? null : $"The check-ins of {schedule.Window} end when {Environment.UserName} logs out: type 'loginctl enable-linger {Environment.UserName}', or register them with -Scope System.";
    }

    private static async Task<bool> LingersAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (code, said) = await AskAsync("loginctl", ["show-user", Environment.UserName, "--property=Linger", "--value"], null, cancellationToken);
            return code == 0 && said.Trim() == "yes";
        }
        catch (DeployOpsException)
        {
            // Whoever cannot be asked has not said yes.
            return false;
        }
    }

    /// <summary>Has the scheduler start no more, and takes the files away. What is not there any more is no mistake.</summary>
    /// <exception cref="DeployOpsException"><c>SchedulerFailed</c>, with what it said.</exception>
    internal static async Task RemoveAsync(string window, CheckInRegistration registration, CancellationToken cancellationToken)
    {
        RefuseAnothers(window, registration);
        var name = ScheduledCheckIn.NameOf(window);
        var isOwn = registration.Files.Any(file => Path.GetDirectoryName(file) == UnitFolder(registration.Scope));
        switch (registration.Scheduler)
        {
            case CheckInScheduler.Systemd when isOwn:
                await RemoveTimerAsync($"{name}.timer", registration, cancellationToken);
                break;
            case CheckInScheduler.Cron when registration.Files.Count == 0:
                await CrontabAsync(window, text => text, cancellationToken);
                break;
            case CheckInScheduler.TaskScheduler when OperatingSystem.IsWindows() || OnPath("schtasks"):
                await RemoveTaskAsync(name, cancellationToken);
                Delete(registration.Files);
                break;
            default:
                Delete(registration.Files);
                break;
        }
    }

    // A user's timers and crontab are ended by that user alone; whoever else tried would end his own, or nothing.
    private static void RefuseAnothers(string window, CheckInRegistration registration)
    {
        var isOfUser = registration switch
        {
            { Scheduler: CheckInScheduler.Systemd, Scope: SchedulerScope.User } => registration.Files.Any(file => Path.GetDirectoryName(file)!.EndsWith("/systemd/user", StringComparison.Ordinal)),
            { Scheduler: CheckInScheduler.Cron, Files.Count: 0 } => true,
            _ => false,
        };
        if (isOfUser && registration.Account is { } account && account != Environment.UserName)
        {
            throw new DeployOpsException(
                "SchedulerOfAnother",
                FaultKind.Security,
                $"The check-ins of {window} were registered by {account}, whose scheduler {Environment.UserName} cannot end.",
                $"As {account} type:")
            { Command = $"Get-DeploymentWindow {window} | Unregister-ExtendedMonitoring" };
        }
    }

    // Its words are in the system's language, so what counts is that the task is not in the list.
    private static async Task RemoveTaskAsync(string name, CancellationToken cancellationToken)
    {
        var (code, said) = await AskAsync("schtasks", ["/Delete", "/F", "/TN", name], null, cancellationToken);
        if (code == 0)
        {
            return;
        }

        var (listed, tasks) = await AskAsync("schtasks", ["/Query", "/FO", "CSV", "/NH"], null, cancellationToken);
        if (listed != 0 || tasks.Contains($"\\{name}\"", StringComparison.OrdinalIgnoreCase))
        {
            throw Failed($"The task {name} could not be deleted: {said.Trim().TrimEnd('.')}", null);
        }
    }

    // The files go in any case, so that no boot starts it again; what counts is that it does not run.
    private static async Task RemoveTimerAsync(string timer, CheckInRegistration registration, CancellationToken cancellationToken)
    {
        var disabled = await AskAsync("systemctl", Arguments(registration.Scope, ["disable", "--now", timer]), null, cancellationToken);
        Delete(registration.Files);
        var reloaded = await AskAsync("systemctl", Arguments(registration.Scope, ["daemon-reload"]), null, cancellationToken);
        if (disabled.Code == 0 && reloaded.Code == 0)
        {
            return;
        }

        var (active, _) = await AskAsync("systemctl", Arguments(registration.Scope, ["is-active", "--quiet", timer]), null, cancellationToken);
        if (active is not (Inactive or NoSuchUnit))
        {
            var (verb, said) = disabled.Code != 0 ? ("disable", disabled.Said) : ("daemon-reload", reloaded.Said);
            throw Failed($"{timer} may still run: systemctl could not {verb}: {said.Trim().TrimEnd('.')}", null);
        }
    }

    private static string UnitFolder(SchedulerScope scope)
    {
        var configuration = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } own
            ? own
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
        return scope == SchedulerScope.System ? "/etc/systemd/system" : Path.Combine(configuration, "systemd", "user");
    }

    private static void Write(ScheduleFile file, Encoding encoding)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file.Path)!);
            DurableFile.Replace(file.Path, [.. encoding.GetPreamble(), .. encoding.GetBytes(file.Text)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed($"{file.Path} cannot be written: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static void Delete(IReadOnlyList<string> files)
    {
        foreach (var file in files.Where(File.Exists))
        {
            try
            {
                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Failed($"{file} cannot be deleted: {e.Message.TrimEnd('.')}", e);
            }
        }
    }

    private static Task SystemctlAsync(SchedulerScope scope, string[] arguments, CancellationToken cancellationToken) =>
        RunAsync("systemctl", Arguments(scope, arguments), null, cancellationToken);

    private static string[] Arguments(SchedulerScope scope, string[] arguments) => scope == SchedulerScope.User ? ["--user", .. arguments] : arguments;

    // It is read and written whole, so one at a time does.
    private static async Task CrontabAsync(string window, Func<string, string> change, CancellationToken cancellationToken)
    {
        using var turn = await TurnAsync(cancellationToken);
        var (code, present) = await AskAsync("crontab", ["-l"], null, cancellationToken);
        if (code != 0 && !SaysNone(present))
        {
            // Whatever it is, it is no crontab to be written back.
            throw Failed($"'crontab -l' ended with {code}: {present.Trim().TrimEnd('.')}", null);
        }

        await RunAsync("crontab", ["-"], change(CronLine.Without(code == 0 ? present : "", window)), cancellationToken);
    }

    // A user without a crontab is told so by an error: Vixie cron and cronie in the first words, BusyBox in the others.
    private static bool SaysNone(string error) => error.Contains("no crontab", StringComparison.OrdinalIgnoreCase) || error.Contains("No such file or directory", StringComparison.Ordinal);

    private static async Task<HeldFile> TurnAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "deployops", "crontab.lock");
        try
        {
            DurableFile.CreateFolder(Path.GetDirectoryName(path)!);
            return await HeldFile.TakeAsync(path, TurnPatience, TimeProvider.System, cancellationToken) ?? throw Failed($"Another command works on the crontab and holds {path}", null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed($"{path}, by which commands take turns at the crontab, cannot be locked: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static async Task RunAsync(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        var (code, said) = await AskAsync(program, arguments, input, cancellationToken);
        if (code != 0)
        {
            throw Failed($"'{program} {string.Join(' ', arguments)}' ended with {code}: {said.Trim().TrimEnd('.')}", null);
        }
    }

    private static async Task<(int Code, string Said)> AskAsync(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using var process = Process.Start(start)!;
            // What is cancelled is not left to begin something behind whoever takes it back.
            await using var end = cancellationToken.Register(() => End(process));
            await TypeAsync(process, input, cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);

            // What a program that succeeded complains of is nothing it was asked for.
            return (process.ExitCode, process.ExitCode == 0 || output.Length > 0 ? output : await error);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw Failed($"'{program}' cannot be run: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    private static async Task TypeAsync(Process process, string? input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read: its exit code and its words tell why.
        }
    }

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static DeployOpsException Failed(string fact, Exception? cause) => new(
        "SchedulerFailed", FaultKind.Failed, $"{fact}.", "Mend what it names, or give -Scheduler None and have the command that is emitted run by a scheduler of your own.", cause);
}
