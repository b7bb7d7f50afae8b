using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Windows;

/// <summary>An environment has one owner: processes race for it, one hangs, and owners die.</summary>
public sealed class EnvironmentProcessTests : IDisposable
{
    private const int Races = 1000;

    private readonly TempFolder folder = new();

    [Fact]
    public async Task A_thousand_races_of_two_processes_have_one_winner_each_and_the_loser_is_told_who()
    {
        using var left = Child.Start("race", "left");
        using var right = Child.Start("race", "right");
        Child[] racers = [left, right];
        var wins = new Dictionary<int, int> { [left.Id] = 0, [right.Id] = 0 };

        for (var race = 0; race < Races; race++)
        {
            // Both have read the line when the moment comes.
            var at = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 500);
            var line = string.Create(CultureInfo.InvariantCulture, $"{at} {folder.File($"race {race}")}");
            await Task.WhenAll(racers.Select(racer => racer.TellAsync(line)));
            var answers = await Task.WhenAll(racers.Select(racer => racer.AnswerAsync()));

            var winner = Array.IndexOf(answers, "won 1");
            winner.ShouldBeGreaterThanOrEqualTo(0, string.Join(" | ", answers));
            var lost = answers[1 - winner];
            lost.ShouldStartWith("lost EnvironmentBusy ");
            lost.ShouldContain($"is held by {(winner == 0 ? "left" : "right")} (process {racers[winner].Id} on {Environment.MachineName}, since 20");
            wins[racers[winner].Id]++;
            await Task.WhenAll(racers.Select(racer => racer.TellAsync("")));
            (await Task.WhenAll(racers.Select(racer => racer.AnswerAsync()))).ShouldBe(["let go", "let go"]);
        }

        Console.WriteLine($"{Races} races, {wins[left.Id]} won by one process and {wins[right.Id]} by the other");
    }

    [Fact]
    public async Task An_owner_that_was_paused_and_declared_lost_wakes_to_no_effect_and_no_record()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/kill") || File.Exists("/bin/kill"), "kill, which pauses a process, is not installed.");
        using var journalFolder = new JournalFolder();
        using var holder = Child.Start("hold", folder.Root, journalFolder.Root);
        (await holder.AnswerAsync()).ShouldBe("holds 1");
        (await TellAsync(holder, "effect-1")).ShouldBe(["ok", "ok"]);

        await SignalAsync("STOP", holder);
        // A process that is paused is alive: nobody takes over from it without being asked to.
        var refused = await Errors.OfAsync(() => TakeAsync(TimeSpan.FromMilliseconds(200)), "EnvironmentBusy");
        refused.Message.ShouldContain($"process {holder.Id} ");
        EnvironmentLock.Holder(folder.Root)!.ProcessId.ShouldBe(holder.Id);
        var risen = await EnvironmentLock.DeclareLostAsync(folder.Root, 1, TimeProvider.System, TestContext.Current.CancellationToken);
        var journal = journalFolder.Open();
        await journal.AppendAsync(new JournalEntry(JournalKind.LockLost, "it hangs"), risen);
        using var next = await TakeAsync(TimeSpan.Zero);
        await SignalAsync("CONT", holder);

        (await TellAsync(holder, "effect-2")).ShouldBe(["EpochStale", "EpochStale"]);

        File.Exists(Path.Combine(journalFolder.Root, "effect-2")).ShouldBeFalse();
        (await journal.RefreshAsync()).Select(record => (record.Kind, record.Epoch)).ShouldBe([(JournalKind.Intent, 1), (JournalKind.Outcome, 1), (JournalKind.LockLost, 2)]);
        next.ThrowIfStale();
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("reused")]
    [InlineData("another boot")]
    public async Task A_dead_owner_is_taken_over_without_asking(string how)
    {
        int id;
        using (var owner = Child.Start("race", "owner"))
        {
            await owner.TellAsync($"0 {folder.Root}");
            (await owner.AnswerAsync()).ShouldBe("won 1");
            id = owner.Id;
        }

        var state = await File.ReadAllTextAsync(folder.File("environment.json"), TestContext.Current.CancellationToken);
        state.ShouldContain($"\"processId\":{id}");
        state = how switch
        {
            // The id now belongs to a process that lives: this one.
            "reused" => state.Replace($"\"processId\":{id}", $"\"processId\":{Environment.ProcessId}", StringComparison.Ordinal),
            "another boot" => state.Replace(JsonDocument.Parse(state).RootElement.GetProperty("owner").GetProperty("bootId").GetString()!, "another", StringComparison.Ordinal),
            _ => state,
        };
        await File.WriteAllTextAsync(folder.File("environment.json"), state, TestContext.Current.CancellationToken);

        EnvironmentLock.Holder(folder.Root).ShouldBeNull();
        using var next = await TakeAsync(TimeSpan.Zero);

        next.Epoch.ShouldBe(2);
        next.Owner.ProcessId.ShouldBe(Environment.ProcessId);
    }

    public void Dispose() => folder.Dispose();

    private static async Task<string[]> TellAsync(Child holder, string effect)
    {
        await holder.TellAsync(effect);
        return [await holder.AnswerAsync(), await holder.AnswerAsync()];
    }

    private static async Task SignalAsync(string signal, Child child)
    {
        var (exit, output) = await Child.RunAsync("kill", [$"-{signal}", child.Id.ToString(CultureInfo.InvariantCulture)]);
        exit.ShouldBe(0, output);
    }

    private Task<EnvironmentLock> TakeAsync(TimeSpan patience) => EnvironmentLock.TakeAsync(folder.Root, "observer", patience, TimeProvider.System, TestContext.Current.CancellationToken);
}
