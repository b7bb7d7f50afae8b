using DeployOps.Core.Tests.Support;

namespace DeployOps.Core.Tests.CheckIns;

/// <summary>
/// Programs called systemctl, loginctl, crontab and schtasks before all others on the path: each writes down how it was called, keeps what the real one keeps, and fails as a test wants it.
/// What they put in their place would belong to whoever runs the tests.
/// </summary>
internal sealed class SchedulerPrograms : IDisposable
{
    private static readonly string[] Changed = ["PATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME"];

    private readonly TempFolder temp = new();
    private readonly Dictionary<string, string?> before = Changed.ToDictionary(name => name, Environment.GetEnvironmentVariable);

    public SchedulerPrograms()
    {
        // A timer runs from enable to disable.
        Write("systemctl", """
            case "$*" in
              *enable*) touch "$here/active" ;;
              *disable*) rm -f "$here/active" ;;
              *is-active*) test -e "$here/active" || exit 3 ;;
            esac
            """);
        Write("crontab", """
            case "$1" in
              -l) test -e "$here/complains" && { echo "warning: old spool" >&2; exit 0; }
                  test -e "$here/crontab.txt" || { echo "no crontab for tester" >&2; exit 1; }
                  cat "$here/crontab.txt"; sleep 0.1 ;;
              -) cat > "$here/crontab.new"; mv "$here/crontab.new" "$here/crontab.txt" ;;
            esac
            """);
        Write("schtasks", """
            case "$1" in
              /Create) touch "$here/task" ;;
              /Delete) test -e "$here/task" || { echo "ERROR: The system cannot find the file specified." >&2; exit 1; }; rm "$here/task" ;;
              /Query) if test -e "$here/task"; then echo '"\deployops-shop-2.4.0-1","N/A","Ready"'; fi; echo '"\another","N/A","Ready"' ;;
            esac
            """);
        Write("loginctl", """test -e "$here/logs-out" && echo no || echo yes""");
        Environment.SetEnvironmentVariable("PATH", $"{temp.File("bin")}:{before["PATH"]}");
        Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", temp.File("config"));
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", temp.File("data"));
    }

    /// <summary>How they were called, in order.</summary>
    public IReadOnlyList<string> Calls => File.Exists(temp.File("calls.txt")) ? File.ReadAllLines(temp.File("calls.txt")) : [];

    /// <summary>Where a user's units are.</summary>
    public string Units => Path.Combine(temp.File("config"), "systemd", "user");

    /// <summary>The crontab; empty where there is none.</summary>
    public string Crontab
    {
        get => File.Exists(temp.File("crontab.txt")) ? File.ReadAllText(temp.File("crontab.txt")) : "";
        set => File.WriteAllText(temp.File("crontab.txt"), value);
    }

    /// <summary>Whether the timer runs.</summary>
    public bool IsActive => File.Exists(temp.File("active"));

    /// <summary>Has each call that has this argument say something and fail; null lets all succeed.</summary>
    public void Fail(string? argument, string words = "Failed to connect to bus")
    {
        File.Delete(temp.File("fail.txt"));
        if (argument is not null)
        {
            File.WriteAllText(temp.File("words.txt"), words);
            File.WriteAllText(temp.File("fail.txt"), argument);
        }
    }

    /// <summary>Has crontab -l find nothing, succeed, and warn of something else.</summary>
    public void Complain() => File.WriteAllText(temp.File("complains"), "");

    /// <summary>Has the user be one whose timers end when he logs out.</summary>
    public void LogOut() => File.WriteAllText(temp.File("logs-out"), "");

    /// <summary>Has each call that has this argument do its work and then hang.</summary>
    public void Hang(string argument) => File.WriteAllText(HangPath, argument);

    /// <summary>The file that says what hangs; without it nothing does.</summary>
    public string HangPath => temp.File("hang.txt");

    /// <summary>Waits for a call.</summary>
    public async Task CalledAsync(string call)
    {
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (!Calls.Contains(call))
        {
            waited.Elapsed.ShouldBeLessThan(Patience.Longest, $"nobody called '{call}'");
            await Task.Delay(20);
        }
    }

    public void Dispose()
    {
        foreach (var (name, value) in before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        temp.Dispose();
    }

    private void Write(string name, string work)
    {
        var path = temp.File(Path.Combine("bin", name));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $$"""
            #!/bin/sh
            here='{{temp.Root}}'
            echo "{{name}} $*" >> "$here/calls.txt"
            if test -e "$here/fail.txt"; then
              case " $* " in *" $(cat "$here/fail.txt") "*) cat "$here/words.txt" >&2; exit 1 ;; esac
            fi
            {{work}}
            if test -e "$here/hang.txt"; then
              case " $* " in *" $(cat "$here/hang.txt") "*) exec sleep 30 ;; esac
            fi

            """.ReplaceLineEndings("\n"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
