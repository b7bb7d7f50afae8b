using System.Text;
using DeployOps.Core.Tests.Support;
using DeployOps.Operations;
using Microsoft.Extensions.Time.Testing;

namespace DeployOps.Core.Tests.Operations;

public sealed class OperationsFileTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 5, 23, 59, 0, TimeSpan.Zero));

    [Fact]
    public void Each_day_has_a_file_that_its_owner_alone_may_read()
    {
        Append("one\n");
        clock.Advance(TimeSpan.FromMinutes(2));
        Append("two\n");

        Read("operations-20260305.jsonl").ShouldBe("one\n");
        Read("operations-20260306.jsonl").ShouldBe("two\n");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Path.Combine(folder.Root, "operations-20260306.jsonl")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public void Half_a_line_that_a_kill_left_does_not_swallow_the_next()
    {
        File.WriteAllText(Path.Combine(folder.Root, "operations-20260305.jsonl"), "whole\nha");

        Append("next\n");

        Read("operations-20260305.jsonl").ShouldBe("whole\nha\nnext\n");
    }

    [Fact]
    public void A_file_that_has_grown_large_is_followed_by_another()
    {
        var large = new string('x', 20 * 1024 * 1024) + "\n";
        Append(large);
        Append(large);
        Append("small\n");

        Read("operations-20260305.jsonl").Length.ShouldBe(large.Length + "small\n".Length);
        Read("operations-20260305-2.jsonl").Length.ShouldBe(large.Length);
    }

    [Fact]
    public void The_newest_31_files_are_kept()
    {
        for (var day = 0; day < 33; day++)
        {
            Append("line\n");
            foreach (var file in Directory.GetFiles(folder.Root))
            {
                File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddDays(-1));
            }

            clock.Advance(TimeSpan.FromDays(1));
        }

        var kept = Directory.GetFiles(folder.Root, "*.jsonl").Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
        kept.Count.ShouldBe(31);
        kept[0].ShouldBe("operations-20260307.jsonl");
    }

    [Fact]
    public async Task What_many_append_at_once_are_whole_lines()
    {
        var lines = Enumerable.Range(0, 8).SelectMany(writer => Enumerable.Range(0, 25).Select(number => $"{writer}-{number}-{new string('y', 200 * writer)}")).ToList();

        await Parallel.ForEachAsync(lines, TestContext.Current.CancellationToken, (line, _) =>
        {
            // A file of its own each time, as another process has.
            new OperationsFile(folder.Root, clock).Append(Encoding.UTF8.GetBytes($"{line}\n"));
            return ValueTask.CompletedTask;
        });

        Read("operations-20260305.jsonl").TrimEnd('\n').Split('\n').Order(StringComparer.Ordinal).ShouldBe(lines.Order(StringComparer.Ordinal));
    }

    public void Dispose() => folder.Dispose();

    private void Append(string line) => new OperationsFile(folder.Root, clock).Append(Encoding.UTF8.GetBytes(line));

    private string Read(string name) => File.ReadAllText(Path.Combine(folder.Root, name));
}
