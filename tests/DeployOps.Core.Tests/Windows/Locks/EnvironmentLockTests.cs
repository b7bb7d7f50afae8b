using System.Diagnostics;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Windows;
using DeployOps.Windows.Locks;

namespace DeployOps.Core.Tests.Windows.Locks;

public sealed class EnvironmentLockTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly ScaledTime clock = new(10);

    [Fact]
    public async Task A_second_taker_is_told_who_holds_it_and_since_when()
    {
        using var held = await TakeAsync("executor");

        var error = await Errors.OfAsync(() => TakeAsync("observer"), "EnvironmentBusy");

        error.Message.ShouldContain($"executor (process {Environment.ProcessId} on {Environment.MachineName}, since 2026-03-05 20:00:0");
        EnvironmentLock.Holder(folder.Root)!.Name.ShouldBe("executor");
    }

    [Fact]
    public async Task Who_waits_gets_it_when_it_is_let_go_and_its_epoch_rises()
    {
        var first = await TakeAsync("executor");
        var waiting = EnvironmentLock.TakeAsync(folder.Root, "observer", TimeSpan.FromMinutes(10), clock, TestContext.Current.CancellationToken);

        waiting.IsCompleted.ShouldBeFalse();
        first.Dispose();
        using var second = await waiting.WaitAsync(Patience.Longest, TestContext.Current.CancellationToken);

        (first.Epoch, second.Epoch).ShouldBe((1, 2));
        EnvironmentLock.PresentEpoch(folder.Root).ShouldBe(2);
    }

    [Fact]
    public async Task Nobody_holds_it_after_it_was_let_go()
    {
        (await TakeAsync("executor")).Dispose();

        EnvironmentLock.Holder(folder.Root).ShouldBeNull();
    }

    [Fact]
    public async Task A_place_that_cannot_be_a_folder_is_named_with_what_to_do()
    {
        var place = folder.File("home");
        await File.WriteAllTextAsync(place, "a file", TestContext.Current.CancellationToken);

        var error = await Errors.OfAsync(() => EnvironmentLock.TakeAsync(Path.Combine(place, "shop"), "executor", TimeSpan.Zero, clock, TestContext.Current.CancellationToken), "FolderUnusable");

        error.Message.ShouldContain(Path.Combine(place, "shop"));
        error.Message.ShouldContain("DEPLOYOPS_HOME");
    }

    [Fact]
    public async Task A_place_where_nothing_can_be_written_is_named_and_holds_no_lock_afterwards()
    {
        Directory.CreateDirectory(Path.Combine(folder.Root, "environment.json"));

        var error = await Errors.OfAsync(() => TakeAsync("executor"), "EnvironmentUnusable");

        error.Message.ShouldContain(folder.Root);
        Directory.Delete(Path.Combine(folder.Root, "environment.json"));
        using var taken = await TakeAsync("observer");
        taken.Epoch.ShouldBe(1);
    }

    [Fact]
    public async Task Its_folder_is_its_owners_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        var place = folder.File("new/shop");

        using var taken = await EnvironmentLock.TakeAsync(place, "executor", TimeSpan.Zero, clock, TestContext.Current.CancellationToken);

#pragma warning disable CA1416 // Skipped on Windows above.
        File.GetUnixFileMode(place).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#pragma warning restore CA1416
    }

    [Fact]
    public async Task Waiting_ends_at_once_when_it_is_cancelled()
    {
        using var held = await TakeAsync("executor");
        using var cancel = new CancellationTokenSource();
        var waiting = EnvironmentLock.TakeAsync(folder.Root, "observer", TimeSpan.FromDays(1), clock, cancel.Token);

        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience.Longest));
    }

    [Fact]
    public async Task Of_two_hundred_takers_at_once_one_holds_it_at_a_time()
    {
        var holding = 0;
        var most = 0;
        var epochs = new System.Collections.Concurrent.ConcurrentBag<long>();
        var refused = 0;

        await Task.WhenAll(Enumerable.Range(0, 200).Select(taker => Task.Run(async () =>
        {
            try
            {
                using var held = await TakeAsync($"taker {taker}");
                var now = Interlocked.Increment(ref holding);
                most = Math.Max(most, now);
                epochs.Add(held.Epoch);
                await Task.Yield();
                Interlocked.Decrement(ref holding);
            }
            catch (DeployOpsException e) when (e.ErrorId == "EnvironmentBusy")
            {
                Interlocked.Increment(ref refused);
            }
        })));

        most.ShouldBe(1);
        epochs.Count.ShouldBeGreaterThan(0);
        (epochs.Count + refused).ShouldBe(200);
        epochs.Order().ShouldBe(Enumerable.Range(1, epochs.Count).Select(epoch => (long)epoch));
    }

    [Fact]
    public async Task Asking_who_holds_a_free_environment_refuses_nobody()
    {
        (await TakeAsync("executor")).Dispose();
        using var stop = new CancellationTokenSource();
        var asking = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    EnvironmentLock.Holder(folder.Root);
                }
            },
            TestContext.Current.CancellationToken);

        for (var turn = 0; turn < 50; turn++)
        {
            (await EnvironmentLock.TakeAsync(folder.Root, "executor", TimeSpan.FromSeconds(5), clock, TestContext.Current.CancellationToken)).Dispose();
        }

        await stop.CancelAsync();
        await asking;
    }

    [Fact]
    public async Task A_killed_process_holds_nothing()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/flock"), "flock, which holds the lock file in another process, is not installed.");
        (await TakeAsync("executor")).Dispose();
        using var child = Process.Start(new ProcessStartInfo("/usr/bin/flock", ["--no-fork", "environment.lock", "sh", "-c", "echo held; exec sleep 600"])
        {
            WorkingDirectory = folder.Root,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        (await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("held");

        await Errors.OfAsync(() => TakeAsync("observer"), "EnvironmentBusy");
        child.Kill();
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        using var held = await TakeAsync("observer");

        held.Epoch.ShouldBe(2);
    }

    [Fact]
    public async Task A_lost_owner_is_stale_at_its_next_effect_and_its_next_append()
    {
        using var journalFolder = new JournalFolder();
        using var hanging = await TakeAsync("executor");
        var journal = journalFolder.Open();
        await journal.AppendAsync(JournalFolder.Note("at work"), hanging.Epoch);
        hanging.ThrowIfStale();

        var risen = await EnvironmentLock.DeclareLostAsync(folder.Root, hanging.Epoch, clock, TestContext.Current.CancellationToken);
        await journalFolder.Open().AppendAsync(new JournalEntry(JournalKind.LockLost, "it hangs"), risen);
        using var next = await TakeAsync("observer");

        risen.ShouldBe(2);
        next.Epoch.ShouldBe(3);
        Should.Throw<DeployOpsException>(hanging.ThrowIfStale).ErrorId.ShouldBe("EpochStale");
        await Errors.OfAsync(() => journal.AppendAsync(JournalFolder.Note("wakes"), hanging.Epoch), "EpochStale");
        next.ThrowIfStale();
    }

    [Fact]
    public async Task A_lost_owner_that_lets_go_takes_nothing_from_the_next()
    {
        var hanging = await TakeAsync("executor");
        await EnvironmentLock.DeclareLostAsync(folder.Root, hanging.Epoch, clock, TestContext.Current.CancellationToken);
        using var next = await TakeAsync("observer");

        hanging.Dispose();

        EnvironmentLock.Holder(folder.Root)!.Name.ShouldBe("observer");
        await Errors.OfAsync(() => TakeAsync("third"), "EnvironmentBusy");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Nobody_is_declared_lost_at_another_epoch_than_was_looked_at(long epoch)
    {
        using var held = await TakeAsync("executor");

        var error = await Errors.OfAsync(() => EnvironmentLock.DeclareLostAsync(folder.Root, epoch, clock, TestContext.Current.CancellationToken), "EpochMismatch");

        error.Message.ShouldContain("at epoch 1");
        held.ThrowIfStale();
    }

    [Fact]
    public async Task Nobody_is_declared_lost_where_nobody_holds_it()
    {
        (await TakeAsync("executor")).Dispose();

        var error = await Errors.OfAsync(() => EnvironmentLock.DeclareLostAsync(folder.Root, 1, clock, TestContext.Current.CancellationToken), "EnvironmentNotHeld");

        error.Message.ShouldStartWith($"Nobody holds the environment, so nobody is lost: executor (process {Environment.ProcessId} on {Environment.MachineName}, since 2026-03-05 20:00:0");
        error.Message.ShouldEndWith("had epoch 1 last and has let go or ended. Run the command you want to run; it takes the environment without asking.");
        EnvironmentLock.PresentEpoch(folder.Root).ShouldBe(1);
        using var next = await TakeAsync("observer");
        next.Epoch.ShouldBe(2);
    }

    [Fact]
    public async Task Nobody_is_declared_lost_where_nobody_ever_held_it()
    {
        var error = await Errors.OfAsync(() => EnvironmentLock.DeclareLostAsync(folder.Root, 0, clock, TestContext.Current.CancellationToken), "EnvironmentNotHeld");

        error.Fact.ShouldBe("Nobody holds the environment, so nobody is lost.");
    }

    [Fact]
    public async Task A_state_that_is_not_whole_is_refused()
    {
        (await TakeAsync("executor")).Dispose();
        await File.WriteAllTextAsync(folder.File("environment.json"), "{\"epoch\":", TestContext.Current.CancellationToken);

        await Errors.OfAsync(() => TakeAsync("executor"), "EnvironmentStateInvalid");
    }

    public void Dispose() => folder.Dispose();

    private Task<EnvironmentLock> TakeAsync(string name) => EnvironmentLock.TakeAsync(folder.Root, name, TimeSpan.Zero, clock, TestContext.Current.CancellationToken);
}
