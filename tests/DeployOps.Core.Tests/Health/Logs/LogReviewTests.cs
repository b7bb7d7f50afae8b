using DeployOps.Core.Tests.Support;
using DeployOps.Gates;
using DeployOps.Health.Logs;

namespace DeployOps.Core.Tests.Health.Logs;

public sealed class LogReviewTests : IDisposable
{
    private const string Old = "2026-01-02T03:04:05Z Error Cart: customer 7 did not answer within 250 ms";

    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void Only_a_kind_of_error_that_was_never_seen_before_is_a_finding()
    {
        Append("2026-01-02T03:04:04Z Information Cart: opened", Old);
        var review = Learned();
        Append(Old.Replace("customer 7", "customer 8", StringComparison.Ordinal), "2026-01-02T03:05:04Z Information Stock: product 3 is negative: -1");
        var first = review.Look();
        Append("2026-01-02T03:05:05Z Error Stock: product 3 is negative: -1", "2026-01-02T03:05:06Z Error Stock: product 4 is negative: -2");
        var second = review.Look();
        var third = review.Look();

        first.ShouldBe(GateResult.Pass("logs", "2 new lines, 1 errors, none of a new kind"));
        second.Verdict.ShouldBe(GateVerdict.Fail);
        second.Detail.ShouldBe("errors never seen before the release: 2 x '2026-01-02T03:05:05Z Error Stock: product 3 is negative: -1'; 2 new lines, 2 errors");
        third.ShouldBe(GateResult.Unknown("logs", "0 new lines, 0 errors; new since the release, and not now: '2026-01-02T03:05:05Z Error Stock: product 3 is negative: -1'"));
    }

    [Fact]
    public void A_new_kind_stays_one_at_every_look()
    {
        Append(Old);
        var review = Learned();
        Append("Error Stock: product 3 is negative: -1");
        review.Look().Verdict.ShouldBe(GateVerdict.Fail);
        Append("Error Stock: product 9 is negative: -5");

        review.Look().Verdict.ShouldBe(GateVerdict.Fail);
    }

    [Fact]
    public void A_stack_trace_belongs_to_its_error()
    {
        Append(Old);
        var review = Learned();
        Append("Error Checkout: System.InvalidOperationException: no price", "   at Shop.Checkout.Place()", "   at Shop.Endpoint.Run()", "Caused by: java.lang.Error: other", "--- End of stack trace ---");
        var look = review.Look();
        Append("   at Shop.Late.Frame.ThrowError()");

        look.Detail.ShouldStartWith("errors never seen before the release: 1 x 'Error Checkout: System.InvalidOperationException: no price'; 5 new lines, 1 errors");
        review.Look().Detail.ShouldStartWith("0 new lines, 0 errors;");
    }

    [Fact]
    public void What_stands_before_the_level_makes_no_two_errors_alike()
    {
        Append("2026-01-02T03:04:05Z [main] ERROR com.shop.Mail - Connection refused");
        var review = Learned();
        Append("2026-01-02T03:05:05Z [main] ERROR com.shop.Orders - Table missing");

        review.Look().Detail.ShouldContain("com.shop.Orders - Table missing");
    }

    [Fact]
    public void Where_the_first_line_says_no_more_than_level_and_category_the_next_one_tells_what_it_is()
    {
        Append("fail: Microsoft.AspNetCore.Server.Kestrel[13]", "      Connection id 7: the client went away.");
        var review = Learned();
        Append("fail: Microsoft.AspNetCore.Server.Kestrel[13]", "      Connection id 8: the client went away.");
        var known = review.Look();
        Append("fail: Microsoft.AspNetCore.Server.Kestrel[13]", "      System.InvalidOperationException: no price for product 3");

        known.Verdict.ShouldBe(GateVerdict.Pass, known.Detail);
        review.Look().Verdict.ShouldBe(GateVerdict.Fail);
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05Z GET /cart 500 Internal Server Error")]
    [InlineData("2026-01-02T03:04:05Z [main] ERROR")]
    [InlineData("Error")]
    [InlineData("{\"msg\":\"no price\",\"level\":\"error\"}")]
    public void An_error_that_ends_in_its_level_is_known_again_by_another_process(string line)
    {
        Append(line);
        var review = Learned();
        Append(line);
        review.Look().ShouldBe(GateResult.Pass("logs", "1 new lines, 1 errors, none of a new kind"));

        var next = new LogReview([temp.File("*.log")], text => text);
        next.Know(review.Reached());
        Append(line);
        next.Look().ShouldBe(GateResult.Pass("logs", "1 new lines, 1 errors, none of a new kind"));
    }

    [Fact]
    public void Two_errors_that_end_in_their_level_are_told_apart_by_what_stands_before_it()
    {
        Append("{\"msg\":\"no price\",\"level\":\"error\"}");
        var review = Learned();
        Append("{\"msg\":\"stock of product 3 is negative\",\"level\":\"error\"}");

        review.Look().Verdict.ShouldBe(GateVerdict.Fail);
    }

    [Theory]
    [InlineData("[03:04:05 ERR] broken")]
    [InlineData("2026/01/02 03:04:05 [error] 7#7: *1 open() failed")]
    [InlineData("[Fri Jan 02 03:04:05 2026] [core:crit] [pid 7] broken")]
    [InlineData("error: broken")]
    [InlineData("2026-11-26 10:00:00 fail: Shop.Checkout[0]")]
    [InlineData("11/26/2026 10:00:00 AM crit: Shop.Checkout[0]")]
    [InlineData("2026-11-26T10:00:00.123Z error: refused")]
    [InlineData("[2026-11-26T10:00:00+01:00] fatal: refused")]
    [InlineData("Nov 26 10:00:00 web-1 shop[4711]: fail: Shop.Checkout[0]")]
    [InlineData("2026-11-26T10:00:00.123Z\terror\tshop/cart.go:7\trefused")]
    [InlineData("time=10:00:00 lvl=error msg=refused")]
    [InlineData("{\"level\":50,\"msg\":\"refused\"}")]
    [InlineData("ts=1 level=error msg=broken")]
    [InlineData("{\"level\":\"error\",\"msg\":\"broken\"}")]
    [InlineData("2026-01-02T03:04:05Z Error Shop: broken")]
    [InlineData("thread died: java.lang.IllegalStateException: broken")]
    public void An_error_is_known_by_the_words_that_loggers_use(string line) => new LogEvent(line, "", 0).IsError.ShouldBeTrue();

    [Theory]
    [InlineData("2026-01-02T03:04:05Z Information Shop: no error was found")]
    [InlineData("level=info msg=\"0 errors\"")]
    [InlineData("GET /error/page 200")]
    [InlineData("2026-11-26 10:00:00 info: Shop.Checkout[0] retried after error: refused")]
    [InlineData("{\"level\":30,\"msg\":\"50 orders\"}")]
    [InlineData("{\"level\":500,\"msg\":\"deep\"}")]
    public void What_only_speaks_of_errors_is_none(string line) => new LogEvent(line, "", 0).IsError.ShouldBeFalse();

    [Fact]
    public void No_secret_is_in_a_template()
    {
        Append("Error login with s3cr3t-Tok3n-90210 was refused");

        var baseline = new LogReview([temp.File("*.log")], line => line.Replace("s3cr3t-Tok3n-90210", "***", StringComparison.Ordinal)).Learn();

        baseline.Templates.ShouldBe(["login with *** was refused"]);
    }

    [Fact]
    public void A_file_that_cannot_be_read_takes_back_nothing_of_what_another_tells()
    {
        Append(Old);
        var review = Learned();
        File.CreateSymbolicLink(temp.File("loop.log"), temp.File("loop.log"));
        Append("Error Stock: product 3 is negative: -1");
        var found = review.Look();

        found.Verdict.ShouldBe(GateVerdict.Fail);
        review.Look().Detail.ShouldContain("loop.log cannot be read");
    }

    [Fact]
    public void Another_process_goes_on_with_what_was_found()
    {
        Append(Old);
        var review = Learned();
        Append("Error Stock: product 3 is negative: -1");
        review.Look();
        var next = new LogReview([temp.File("*.log")], line => line);
        next.Know(review.Reached());
        Append("Error Stock: product 4 is negative: -9");

        var look = next.Look();

        look.Verdict.ShouldBe(GateVerdict.Fail);
        look.Detail.ShouldContain("1 x 'Error Stock: product 3 is negative: -1'");
    }

    [Fact]
    public void At_most_three_kinds_are_shown_the_most_frequent_first()
    {
        Append(Old);
        var review = Learned();
        Append("ERROR alpha broke down completely", "ERROR beta went away unexpectedly", "ERROR beta went away unexpectedly", "ERROR gamma lost everything today", "ERROR delta cannot start anymore");

        var look = review.Look();

        look.Detail.ShouldContain("2 x 'ERROR beta went away unexpectedly'");
        look.Detail.ShouldContain(", and 1 more kinds; 5 new lines, 5 errors");
    }

    [Fact]
    public void Secrets_are_taken_out_before_a_line_is_cut()
    {
        Append(Old);
        var review = Learned(line => line.Replace("hunter2", "***", StringComparison.Ordinal));
        Append($"Error {new string('x', 190)} hunter2 is the password");

        review.Look().Detail.ShouldNotContain("hunt");
    }

    [Fact]
    public void Where_no_log_is_there_nothing_is_known() =>
        new LogReview([temp.File("*.log")], line => line).Look().Verdict.ShouldBe(GateVerdict.Unknown);

    [Fact]
    public void Where_something_is_gone_unread_nothing_is_known()
    {
        Append(Old, Old);
        var review = Learned();
        File.WriteAllText(temp.File("app.log"), Old + "\n");

        review.Look().Detail.ShouldContain("app.log was replaced, and what was added to it before that is gone");
        Append(Old);
        review.Look().ShouldBe(GateResult.Pass("logs", "1 new lines, 1 errors, none of a new kind"), "what is read from there on is judged");
    }

    private LogReview Learned(Func<string, string>? redact = null)
    {
        string[] patterns = [temp.File("*.log")];
        var baseline = new LogReview(patterns, line => line).Learn();
        baseline.Templates.Count.ShouldBe(1);
        var review = new LogReview(patterns, redact ?? (line => line));
        review.Know(baseline);

        return review;
    }

    private void Append(params string[] lines) => File.AppendAllLines(temp.File("app.log"), lines);
}
