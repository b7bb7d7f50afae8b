using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Windows;
using DeployOps.Windows.Locks;

namespace DeployOps.Core.Tests.Windows.Locks;

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

    // The lock file alone decides, which the system lets go with its holder: neither a process id that was given away again nor another boot can
    // make a dead owner look alive. What environment.json says of the owner is for a person to read.
    [Theory]
    [InlineData("a process that is gone")]
    [InlineData("a process id that another process has now")]
    [InlineData("a process that lives, to the letter")]
    [InlineData("another boot")]
    public async Task An_owner_whose_lock_file_is_free_is_taken_over_whatever_the_record_says(string record)
    {
        int id;
        using (var owner = Child.Start("race", "owner"))
        {
            await owner.TellAsync($"0 {folder.Root}");
            (await owner.AnswerAsync()).ShouldBe("won 1");
            id = owner.Id;
        }

        var written = await OwnerAsync();
        written.ProcessId.ShouldBe(id);
        await RecordAsync(Recorded(record, written));

        EnvironmentLock.Holder(folder.Root).ShouldBeNull();
        await Errors.OfAsync(() => EnvironmentLock.DeclareLostAsync(folder.Root, 1, TimeProvider.System, TestContext.Current.CancellationToken), "EnvironmentNotHeld");
        using var next = await TakeAsync(TimeSpan.Zero);

        next.Epoch.ShouldBe(2);
        next.Owner.ProcessId.ShouldBe(Environment.ProcessId);
    }

    [Theory]
    [InlineData("a process that is gone")]
    [InlineData("a process id that another process has now")]
    [InlineData("another boot")]
    public async Task An_owner_that_holds_the_lock_file_is_not_taken_over_whatever_the_record_says_and_the_record_is_told(string record)
    {
        using var holder = Child.Start("race", "owner");
        await holder.TellAsync($"0 {folder.Root}");
        (await holder.AnswerAsync()).ShouldBe("won 1");
        var changed = Recorded(record, await OwnerAsync());
        await RecordAsync(changed);

        var refused = await Errors.OfAsync(() => TakeAsync(TimeSpan.Zero), "EnvironmentBusy");

        refused.Message.ShouldContain($"is held by owner (process {changed.ProcessId} on {Environment.MachineName}, since 20");
        EnvironmentLock.Holder(folder.Root).ShouldBe(changed);
        EnvironmentLock.PresentEpoch(folder.Root).ShouldBe(1);
    }

    [Fact]
    public async Task The_record_names_one_process_for_ever()
    {
        using var holder = Child.Start("race", "owner");
        await holder.TellAsync($"0 {folder.Root}");
        (await holder.AnswerAsync()).ShouldBe("won 1");

        var owner = await OwnerAsync();

        using var process = Process.GetProcessById(holder.Id);
        owner.ProcessId.ShouldBe(holder.Id);
        owner.ProcessStart.ShouldBe(new DateTimeOffset(process.StartTime), TimeSpan.FromSeconds(1));
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells one boot from another.");
        owner.BootId.ShouldBe((await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id", TestContext.Current.CancellationToken)).Trim());
    }

    public void Dispose() => folder.Dispose();

    private static LockOwner Recorded(string record, LockOwner written)
    {
        var current = LockOwner.Current("owner", written.Since);
        return record switch
        {
            "a process id that another process has now" => written with { ProcessId = current.ProcessId, ProcessStart = current.ProcessStart.AddDays(-1) },
            "a process that lives, to the letter" => current,
            "another boot" => written with { BootId = "another" },
            _ => written with { ProcessId = int.MaxValue },
        };
    }

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

    private async Task<LockOwner> OwnerAsync() => (await StateAsync()).Owner.ShouldNotBeNull();

    private async Task<LockState> StateAsync() =>
        JsonSerializer.Deserialize<LockState>(await File.ReadAllTextAsync(folder.File("environment.json"), TestContext.Current.CancellationToken), JournalJson.Options)!;

    private async Task RecordAsync(LockOwner owner) => await File.WriteAllBytesAsync(
        folder.File("environment.json"), JsonSerializer.SerializeToUtf8Bytes(await StateAsync() with { Owner = owner }, JournalJson.Options), TestContext.Current.CancellationToken);
}
