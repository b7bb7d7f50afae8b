using DeployOps.Core.Tests.Support;
using DeployOps.Journal;

namespace DeployOps.Core.Tests.Journal;

public sealed class JournalBrokenTests : IDisposable
{
    private readonly JournalFolder folder = new();

    [Fact]
    public async Task A_journal_that_cannot_be_opened_is_broken_and_stays_so()
    {
        Directory.CreateDirectory(folder.Path);
        var journal = folder.Open();

        var error = await Errors.OfAsync(() => journal.AppendAsync(JournalFolder.Note("first")), "JournalBroken");
        Directory.Delete(folder.Path);
        var again = await Errors.OfAsync(() => journal.AppendAsync(JournalFolder.Note("second")), "JournalBroken");

        error.Message.ShouldContain(folder.Path);
        again.ShouldBeSameAs(error);
        File.Exists(folder.Path).ShouldBeFalse();
    }

    [Fact]
    public async Task A_folder_that_is_gone_breaks_the_journal()
    {
        var journal = folder.Open();
        await journal.AppendAsync(JournalFolder.Note("first"));
        Directory.Move(folder.Root, folder.Root + "-gone");

        try
        {
            var error = await Errors.OfAsync(() => journal.AppendAsync(JournalFolder.Note("second")), "JournalBroken");

            error.InnerException.ShouldBeAssignableTo<IOException>();
        }
        finally
        {
            Directory.Move(folder.Root + "-gone", folder.Root);
        }
    }

    [Fact]
    public async Task An_action_that_fails_leaves_the_thread_to_the_others()
    {
        using var thread = new JournalThread();

        await Should.ThrowAsync<InvalidDataException>(() => thread.RunAsync<int>(() => throw new InvalidDataException()));

        (await thread.RunAsync(() => 7)).ShouldBe(7);
    }

    public void Dispose() => folder.Dispose();
}
