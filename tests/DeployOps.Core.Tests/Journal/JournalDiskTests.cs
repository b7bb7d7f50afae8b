using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;

namespace DeployOps.Core.Tests.Journal;

/// <summary>
/// A disk that fails: each system call of an append, one after the other, is made to fail by strace. Four journals are appended to: one that is not there yet, one
/// that is, one whose last line is torn, and one whose last line lacks its newline.
/// </summary>
public sealed partial class JournalDiskTests : IDisposable
{
    private static readonly string[] Errors = ["EIO", "ENOSPC"];
    private static readonly Dictionary<string, string> Causes = new(StringComparer.Ordinal) { ["EIO"] = "Input/output error", ["ENOSPC"] = "No space left on device" };
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("DEPLOYOPS_FULL") == "1";

    private readonly TempFolder folder = new();

    [Fact]
    public async Task Whatever_system_call_fails_no_success_is_told_that_is_none_and_the_next_run_goes_on()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace, which makes a system call fail, is not installed.");
        var (calls, _) = await RunAsync("calls", "trace=all");
        var points = Points(calls).SelectMany(point => Errors.Select(error => (point.Call, point.At, Error: error))).ToList();
        if (!IsFull)
        {
            points = [.. points.Where((_, number) => number % 5 == 0)];
        }

        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(points, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken }, async (point, _) =>
        {
            var name = $"{point.Call}-{point.At}-{point.Error}";
            var (trace, said) = await RunAsync(name, $"trace={point.Call}", "-e", $"inject={point.Call}:error={point.Error}:when={point.At}");
            if (await JudgeAsync(name, point.Error, trace, said) is { } complaint)
            {
                wrong.Add($"{name}: {complaint}");
            }
        });

        wrong.ShouldBeEmpty();
        points.Select(point => point.Call).ShouldContain("fsync");
        Console.WriteLine($"failing disk: points {points.Count}, good {points.Count - wrong.Count}");
    }

    [Fact]
    public async Task A_file_system_without_locks_is_not_written_to()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace, which makes a system call fail, is not installed.");

        var (_, said) = await RunAsync("no-locks", "trace=flock", "-e", "inject=flock:error=ENOLCK");

        var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(8);
        lines.ShouldAllBe(line => line.Contains(" JournalBroken ") && line.Contains("journal.lock could not be locked: No locks available"));
        File.Exists(Path.Combine(folder.Root, "no-locks", "new", JournalFile.FileName)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_write_that_is_cut_short_at_any_byte_is_no_success_and_the_next_run_goes_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "RLIMIT_FSIZE cuts a write short on Linux.");
        var root = Prepare("cut");
        var target = Path.Combine(root, "there");

        // Memory that is mapped for compiled code counts as a file unless the runtime is told to do without.
        var (exit, output) = await Child.RunAsync("sh", ["-c", "trap '' XFSZ; DOTNET_EnableWriteXorExecute=0 exec dotnet \"$@\"", "sh", Child.Program, "cut", target]);

        exit.ShouldBe(0, output);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var refused = lines.Where((_, number) => number % 2 == 0).SkipLast(1).ToList();
        refused.Count.ShouldBeGreaterThan(200);
        refused.ShouldAllBe(line => line.Contains(" JournalBroken ") && line.Contains(target) && line.Contains("too large for the file system"));
        lines.Where((_, number) => number % 2 == 1).ShouldAllBe(line => line.EndsWith(" ok", StringComparison.Ordinal));
        var reader = new JournalReader();
        reader.Read(await File.ReadAllBytesAsync(Path.Combine(target, JournalFile.FileName), TestContext.Current.CancellationToken)).Length.ShouldBe(0);
        reader.Fault.ShouldBeNull();
        reader.Records.Count(record => record.Message == "goes on").ShouldBe(lines.Length / 2);
        // Where only the newline was missing, the record is whole; it was not told as written and is kept all the same.
        reader.Records.Count(record => record.Message == "cut").ShouldBe(2);
    }

    public void Dispose() => folder.Dispose();

    // The calls of the one thread that writes journals, each with how often it came.
    private static IEnumerable<(string Call, int At)> Points(string trace)
    {
        var calls = CallLine().Matches(trace).Select(match => (Thread: match.Groups[1].Value, Call: match.Groups[2].Value)).ToList();
        var writer = calls.First(call => call.Call == "pwrite64").Thread;
        return calls.Where(call => call.Thread == writer).GroupBy(call => call.Call, StringComparer.Ordinal)
            .SelectMany(call => Enumerable.Range(1, call.Count()).Select(at => (call.Key, at)));
    }

    private static async Task<string?> JudgeAsync(string folder, IReadOnlyCollection<string> said, string error)
    {
        var name = Path.GetFileName(folder);
        var mine = said.Where(line => line.StartsWith($"{name} ", StringComparison.Ordinal)).ToList();
        var reader = new JournalReader();
        var torn = reader.Read(await File.ReadAllBytesAsync(Path.Combine(folder, JournalFile.FileName)));
        if (reader.Fault is not null || torn.Length > 0)
        {
            return $"{name} is left with {reader.Fault} and {torn.Length} torn bytes";
        }

        foreach (var note in (string[])["first", "second"])
        {
            var line = mine.SingleOrDefault(line => line.StartsWith($"{name} {note} ", StringComparison.Ordinal));
            var isTold = line == $"{name} {note} ok";
            if (isTold && reader.Records.Count(record => record.Message == note) != 1)
            {
                return $"{name} told of '{note}' and does not hold it once";
            }

            if (!isTold && (line?.Contains(" JournalBroken ", StringComparison.Ordinal) != true || !line.Contains(folder, StringComparison.Ordinal) || !(line.Contains(Causes[error], StringComparison.Ordinal) || line.Contains("lseek fails", StringComparison.Ordinal))))
            {
                return $"it says '{line}'";
            }
        }

        return mine.Count == 2 ? null : $"it says {string.Join(" | ", mine)}";
    }

    [GeneratedRegex(@"(?m)^(\d+) +(\w+)\(")]
    private static partial Regex CallLine();

    private async Task<string?> JudgeAsync(string name, string error, string trace, string said)
    {
        if (!trace.Contains("(INJECTED)", StringComparison.Ordinal))
        {
            return "the call never came";
        }

        var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var failures = lines.Count(line => !line.EndsWith(" ok", StringComparison.Ordinal));
        var mustFail = trace.Split('\n').Any(line => line.Contains("(INJECTED)", StringComparison.Ordinal) && MustFail().IsMatch(line));
        if (failures > 1 || (mustFail && failures == 0))
        {
            return $"{failures} appends failed: {said}";
        }

        foreach (var journal in (string[])["new", "there", "torn", "unended"])
        {
            if (await JudgeAsync(Path.Combine(folder.Root, name, journal), lines, error) is { } complaint)
            {
                return complaint;
            }
        }

        return null;
    }

    // Without these a record is not on the disk. One flock of the two that are asked for is enough.
    [GeneratedRegex(@" (fsync|pwrite64|ftruncate|rename|openat|open)\(")]
    private static partial Regex MustFail();

    // Runs the child under strace, which is given the names it looks at; answers its trace and what the child said.
    private async Task<(string Trace, string Said)> RunAsync(string name, params string[] expressions)
    {
        var root = Prepare(name);
        var trace = Path.Combine(root, "trace");
        string[] journals = [.. new[] { "new", "there", "torn", "unended" }.Select(journal => Path.Combine(root, journal))];
        var torn = new FileInfo(Path.Combine(root, "torn", JournalFile.FileName)).Length - TornBytes;
        string[] names = [.. journals.SelectMany(journal => new[] { journal, Path.Combine(journal, JournalFile.FileName), Path.Combine(journal, "journal.lock") }),
            Path.Combine(root, "torn", $"journal.torn-20260305T200000000-{torn}")];

        var (exit, output) = await Child.RunAsync("strace", [
            "-f", "-qq", "-o", trace, .. names.SelectMany(path => new[] { "-P", path }), "-e", "signal=none", .. expressions.SelectMany((expression, at) => at == 0 ? new[] { "-e", expression } : [expression]),
            "dotnet", Child.Program, "append", .. journals]);

        exit.ShouldBe(0, $"{name}: {output}");
        return (await File.ReadAllTextAsync(trace), output);
    }

    private const int TornBytes = 40;

    // Four journals in a folder of their own.
    private string Prepare(string name)
    {
        var root = folder.File(name);
        using var source = new JournalFolder();
        var whole = source.FillAsync(2).GetAwaiter().GetResult();
        var second = whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1;
        Directory.CreateDirectory(Path.Combine(root, "new"));
        foreach (var (journal, length) in new[] { ("there", whole.Length), ("torn", second + TornBytes), ("unended", whole.Length - 1) })
        {
            Directory.CreateDirectory(Path.Combine(root, journal));
            File.WriteAllBytes(Path.Combine(root, journal, JournalFile.FileName), whole[..length]);
        }

        return root;
    }
}
