using System.Diagnostics;
using System.Text;
using System.Text.Json;
using DeployOps.Core.Tests.Support;
using DeployOps.Health.Logs;
using DeployOps.Journal;

namespace DeployOps.Core.Tests.Health.Logs;

public sealed class LogReaderTests : IDisposable
{
    private readonly TempFolder temp = new();
    private readonly LogReader reader;

    public LogReaderTests() => reader = new LogReader([temp.File("app*.log")]);

    public void Dispose() => temp.Dispose();

    [Fact]
    public void What_was_added_is_read_once()
    {
        Append("app.log", "one\ntwo\n");
        var first = Read();
        Append("app.log", "three\r\n");

        first.ShouldBe(["one", "two"]);
        Read().ShouldBe(["three"]);
        Read().ShouldBeEmpty();
    }

    [Fact]
    public void A_file_that_comes_late_is_read_from_its_beginning()
    {
        Read().ShouldBeEmpty();
        Append("app-2.log", "late\n");

        Read().ShouldBe(["late"]);
    }

    [Fact]
    public void A_line_without_an_end_is_held_until_it_has_one_or_grows_no_more()
    {
        Append("app.log", "one\ntw");
        var first = Read();
        Append("app.log", "o\nthr");
        var second = Read();

        first.ShouldBe(["one"]);
        second.ShouldBe(["two"]);
        Read().ShouldBe(["thr"]);
        Append("app.log", "ee\nfour\n");
        Read().ShouldBe(["three", "four"], "what was taken for whole said nothing by itself");
    }

    [Fact]
    public void A_renamed_file_is_read_to_its_end_before_the_new_one()
    {
        Append("app.log", "one\n");
        Read();
        Append("app.log", "two\n");
        File.Move(temp.File("app.log"), temp.File("app.log.1"));
        Append("app.log", "three\n");
        var rotated = Read();
        // Whoever writes may have it open still.
        Append("app.log.1", "straggler\n");

        rotated.ShouldBe(["two", "three"], ignoreOrder: true);
        Read().ShouldBe(["straggler"]);
        Read().ShouldBeEmpty();
        reader.TakeGaps().ShouldBeEmpty();
    }

    [Fact]
    public void A_renamed_file_is_read_once_also_while_nothing_has_its_old_name()
    {
        Append("app.log", "one\n");
        Read();
        Append("app.log", "two\n");
        File.Move(temp.File("app.log"), temp.File("app.log.1"));

        Read().ShouldBe(["two"]);
        Read().ShouldBeEmpty();
        Append("app.log", "three\n");
        Read().ShouldBe(["three"]);
    }

    [Fact]
    public void A_file_that_is_renamed_twice_is_followed()
    {
        Append("app.log", "one\n");
        Read();
        File.Move(temp.File("app.log"), temp.File("app.log.1"));
        Append("app.log", "two\n");
        Read().ShouldBe(["two"]);
        File.Move(temp.File("app.log.1"), temp.File("app.log.2"));
        File.Move(temp.File("app.log"), temp.File("app.log.1"));
        Append("app.log", "three\n");

        Read().ShouldBe(["three"]);
        reader.TakeGaps().ShouldBeEmpty();
    }

    [Fact]
    public void A_file_that_is_copied_and_truncated_is_read_from_the_copy_and_then_anew()
    {
        Append("app.log", "one\n");
        Read();
        Append("app.log", "two\n");
        File.Copy(temp.File("app.log"), temp.File("app.log.1"));
        File.WriteAllText(temp.File("app.log"), "three\n");

        Read().ShouldBe(["two", "three"], ignoreOrder: true);
        Read().ShouldBeEmpty();
    }

    [Fact]
    public void A_chain_of_rotations_is_followed_also_by_another_reader()
    {
        Append("app.log.1", "one\n");
        Append("app.log", "two\n");
        var all = new LogReader([temp.File("app.log*")]);
        Lines(all).ShouldBe(["two", "one"]);
        var other = new LogReader([temp.File("app.log*")]);
        other.GoOnFrom(all.Positions);
        File.Move(temp.File("app.log.1"), temp.File("app.log.2"));
        File.Move(temp.File("app.log"), temp.File("app.log.1"));
        Append("app.log", "three\n");

        Lines(other).ShouldBe(["three"]);
        Lines(other).ShouldBeEmpty();
        other.TakeGaps().ShouldBeEmpty();
    }

    [Fact]
    public void A_copy_beside_a_file_that_goes_on_is_not_read_twice()
    {
        Append("app.log", "one\n");
        Read();
        File.Copy(temp.File("app.log"), temp.File("app-copy.log"));
        Append("app.log", "two\n");
        Append("app-copy.log", "what only the copy has\n");

        Read().ShouldBe(["what only the copy has", "two"]);
    }

    [Fact]
    public void A_file_that_was_truncated_without_a_copy_is_told_as_a_gap_once()
    {
        Append("app.log", "one\ntwo\n");
        Read();
        File.WriteAllText(temp.File("app.log"), "3\n");

        Read().ShouldBe(["3"]);
        reader.TakeGaps().ShouldBe([temp.File("app.log")]);
        reader.TakeGaps().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_rotated_file_that_was_read_to_its_end_may_be_put_away(bool goesOnElsewhere)
    {
        Append("app.log", "one\n");
        Read();
        Append("app.log", "two\n");
        File.Move(temp.File("app.log"), temp.File("app-1.log"));
        Append("app.log", "three\n");
        Read().ShouldBe(["two", "three"], ignoreOrder: true);
        File.Delete(temp.File("app-1.log"));
        var next = goesOnElsewhere ? GoOnElsewhere() : reader;

        Lines(next).ShouldBeEmpty();
        next.TakeGaps().ShouldBeEmpty();
    }

    [Fact]
    public void A_rotated_file_may_be_pushed_out_by_the_next()
    {
        Append("app.log", "one\n");
        Read();
        File.Move(temp.File("app.log"), temp.File("app-1.log"));
        Append("app.log", "two\n");
        Read();
        File.Move(temp.File("app.log"), temp.File("app-1.log"), overwrite: true);
        Append("app.log", "three\n");

        Read().ShouldBe(["three"]);
        reader.TakeGaps().ShouldBeEmpty();
    }

    [Fact]
    public void The_file_of_a_day_that_is_over_may_be_put_away()
    {
        Append("app-0304.log", "one\n");
        Append("app-0305.log", "two\n");
        Read();
        Append("app-0305.log", "three\n");
        Read();
        File.Delete(temp.File("app-0304.log"));

        Read().ShouldBeEmpty();
        reader.TakeGaps().ShouldBeEmpty();
    }

    [Fact]
    public void A_file_that_was_written_to_when_it_vanished_is_a_gap()
    {
        Append("app.log", "one\n");
        Read();
        Append("app.log", "two\n");
        Read();
        File.Delete(temp.File("app.log"));

        Read().ShouldBeEmpty();
        reader.TakeGaps().ShouldBe([temp.File("app.log")]);
    }

    [Fact]
    public void A_quiet_file_that_is_emptied_is_a_gap()
    {
        Append("app.log", "one\n");
        Read();
        Read();
        File.WriteAllText(temp.File("app.log"), "2\n");

        Read().ShouldBe(["2"]);
        reader.TakeGaps().ShouldBe([temp.File("app.log")]);
    }

    [Fact]
    public void A_file_that_was_replaced_by_one_of_the_same_length_is_known_to_be_another()
    {
        Append("app.log", "one\n");
        Read();
        File.WriteAllText(temp.File("app.log"), "two\n");

        Read().ShouldBe(["two"]);
    }

    [Fact]
    public void Another_reader_goes_on_where_one_was()
    {
        Append("app.log", "one\n");
        Read();
        Append("app.log", "two\n");
        var other = new LogReader([temp.File("app*.log")]);
        other.GoOnFrom(reader.Positions);

        Lines(other).ShouldBe(["two"]);
    }

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-8", false)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    [InlineData("iso-8859-1", false)]
    public void Encodings_are_told_by_their_marks_and_by_what_is_no_utf_8(string name, bool marked)
    {
        var encoding = Encoding.GetEncoding(name);
        Append("app.log", [.. marked ? encoding.GetPreamble() : [], .. encoding.GetBytes("größe Ċ\n".Replace('Ċ', 'c'))]);
        var first = Read();
        Append("app.log", encoding.GetBytes("zweite Größe\n"));

        first.ShouldBe(["größe c"]);
        Read().ShouldBe(["zweite Größe"]);
    }

    [Fact]
    public void Whatever_was_added_is_read_at_one_look_however_much_it_is()
    {
        Append("app.log", "one\n");
        Read();
        using (var writer = new StreamWriter(temp.File("app.log"), append: true))
        {
            var line = new string('x', 1023);
            for (var i = 0; i < 70_000; i++)
            {
                writer.WriteLine(line);
            }

            writer.WriteLine("last");
        }

        var (count, last) = (0, "");
        foreach (var line in Lines(reader))
        {
            (count, last) = (count + 1, line);
        }

        (count, last).ShouldBe((70_001, "last"));
    }

    [Fact]
    public void A_long_line_is_cut_and_the_next_one_is_whole()
    {
        Append("app.log", new string('x', (3 * LogReader.LongestLine) + 7) + "\nnext\n");

        var lines = Read();

        lines[0].Length.ShouldBe(LogReader.LongestLine);
        lines[1].ShouldBe("next");
    }

    [Fact]
    public void What_a_writer_left_of_a_truncated_file_is_no_line_of_zeros()
    {
        Append("app.log", [.. new byte[4096], .. "one\n"u8]);

        Read().ShouldBe(["one"]);
    }

    [Fact]
    public void Characters_that_are_cut_by_a_buffer_are_whole()
    {
        var line = string.Concat(Enumerable.Repeat("ä", 70_001));
        Append("app.log", $"x{line}\n");

        Read().ShouldBe([$"x{line}"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_error_that_was_taken_for_whole_is_not_told_again_when_its_line_ends(bool goesOnElsewhere)
    {
        Append("app.log", "ERROR no price for pro");
        Read().ShouldBeEmpty();
        Read().ShouldBe(["ERROR no price for pro"]);
        Append("app.log", "duct 7\n   at Shop.Price()\nnext\n");
        var next = goesOnElsewhere ? GoOnElsewhere() : reader;

        Lines(next).ShouldBe(["next"]);
        Lines(next).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_line_that_was_no_error_as_far_as_it_came_is_told_when_it_ends(bool goesOnElsewhere)
    {
        Append("app.log", "one\n2026-03-05T19:20:00Z ");
        Read();
        Read().ShouldBe(["2026-03-05T19:20:00Z "]);
        Append("app.log", "ERROR no");
        var next = goesOnElsewhere ? GoOnElsewhere() : reader;
        Lines(next).ShouldBeEmpty("it goes on");
        Append("app.log", " price\n");

        Lines(next).ShouldBe(["2026-03-05T19:20:00Z ERROR no price"]);
        Lines(next).ShouldBeEmpty();
    }

    [Fact]
    public void Another_reader_knows_what_has_not_grown_since()
    {
        Append("app.log", "one\nlast words");
        Read().ShouldBe(["one"]);

        Lines(GoOnElsewhere()).ShouldBe(["last words"]);
    }

    [Fact]
    public void The_last_look_leaves_nothing()
    {
        Append("app.log", "one\nlast words");

        reader.Read(isLast: true).Select(one => one.Line).ShouldBe(["one", "last words"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_error_of_which_the_next_line_tells_what_it_is_waits_for_that_one(bool goesOnElsewhere)
    {
        Append("app.log", "fail: Shop.Checkout[13]\n");
        Read().ShouldBeEmpty();
        Append("app.log", "      No price for product 7\n      at Shop.Price()\n");
        var next = goesOnElsewhere ? GoOnElsewhere() : reader;

        next.Read().ToList().ShouldHaveSingleItem().ShouldBe(new LogEvent("fail: Shop.Checkout[13]", "      No price for product 7", 2));
        next.Read().ShouldBeEmpty();
    }

    [Fact]
    public void It_waits_no_longer_than_the_file_grows()
    {
        Append("app.log", "fail: Shop.Checkout[13]\n");
        Read().ShouldBeEmpty();

        Lines(GoOnElsewhere()).ShouldBe(["fail: Shop.Checkout[13]"]);
    }

    [Fact]
    public void The_rest_of_an_event_of_one_file_belongs_to_none_of_another()
    {
        Append("app-1.log", "ERROR no price for the first\n");
        Append("app-2.log", "ERROR no price for the second\n");
        Read();
        Append("app-1.log", "ERROR no price for the third\n");
        Append("app-2.log", "   at Shop.Second()\n");

        reader.Read().ToList().ShouldHaveSingleItem().More.ShouldBe(0);
    }

    [Fact]
    public async Task A_pipe_is_told_and_nobody_waits_for_it_or_takes_from_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells a pipe from a file.");
        await Process.Start("mkfifo", temp.File("app-pipe.log")).WaitForExitAsync(TestContext.Current.CancellationToken);
        Append("app.log", "one\n");
        Read();
        // A rotation looks at what lies beside it.
        File.Move(temp.File("app.log"), temp.File("app-1.log"));
        Append("app.log", "two\n");

        var looked = Task.Run(Read, TestContext.Current.CancellationToken);

        (await Task.WhenAny(looked, Task.Delay(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken))).ShouldBe(looked);
        (await looked).ShouldBe(["two"]);
        reader.Unreadable.ShouldHaveSingleItem().Message.ShouldContain($"The log {temp.File("app-pipe.log")} cannot be read: it is no file but a pipe or a device.");
    }

    [Fact]
    public void A_folder_that_is_not_there_yet_holds_no_log() =>
        new LogReader([Path.Combine(temp.File("later"), "*.log")]).Read().ShouldBeEmpty();

    private LogReader GoOnElsewhere()
    {
        var other = new LogReader([temp.File("app*.log")]);
        other.GoOnFrom(JournalJson.ToNode(reader.Positions)!.Deserialize<List<LogPosition>>(JournalJson.Options)!);
        return other;
    }

    private List<string> Read() => Lines(reader);

    private static List<string> Lines(LogReader of) => [.. of.Read().Select(one => one.Line)];

    private void Append(string name, string text) => Append(name, Encoding.UTF8.GetBytes(text));

    private void Append(string name, byte[] bytes)
    {
        using var stream = new FileStream(temp.File(name), FileMode.Append);
        stream.Write(bytes);
    }
}
