using System.Net.Sockets;
using DeployOps.Gates;
using DeployOps.Health;
using static DeployOps.Core.Tests.Health.ScriptedHandler;

namespace DeployOps.Core.Tests.Health;

public class HealthProbeTests
{
    private static readonly ProbeSpec Probe = new() { Name = "edge", Uri = new Uri("http://user:secret@127.0.0.1:8080/healthz?token=secret") };

    [Fact]
    public void So_many_good_answers_in_a_row_pass()
    {
        var handler = new ScriptedHandler(_ => Status(200));

        var result = Ask(handler, TimeSpan.FromSeconds(30));

        result.ShouldBe(GateResult.Pass("edge", "3 of 3 answers in a row were 200 in 2 s"));
        handler.Requests.ShouldBe(3);
    }

    [Fact]
    public void A_bad_answer_begins_the_row_anew()
    {
        var handler = new ScriptedHandler(number => Status(number == 3 ? 503 : 200));

        Ask(handler, TimeSpan.FromSeconds(30)).Verdict.ShouldBe(GateVerdict.Pass);

        handler.Requests.ShouldBe(6);
    }

    [Fact]
    public void A_row_that_is_good_from_the_first_ask_needs_no_deadline()
    {
        Ask(new ScriptedHandler(_ => Status(200)), TimeSpan.Zero).Verdict.ShouldBe(GateVerdict.Pass);
    }

    [Fact]
    public void Without_a_deadline_one_bad_answer_fails()
    {
        var result = Ask(new ScriptedHandler(number => Status(number == 2 ? 503 : 200)), TimeSpan.Zero);

        result.Verdict.ShouldBe(GateVerdict.Fail);
        result.Detail.ShouldBe("http://127.0.0.1:8080/healthz: status 503; 0 of 3 answers in a row were 200, asked 2 times in 1 s");
    }

    [Fact]
    public void Not_reachable_is_Fail_in_words_at_the_deadline()
    {
        var refused = new HttpRequestException("An error occurred.", new SocketException((int)SocketError.ConnectionRefused));
        var handler = new ScriptedHandler((_, _, _) => Task.FromException<HttpResponseMessage>(refused));

        var result = Ask(handler, TimeSpan.FromSeconds(10));

        result.Verdict.ShouldBe(GateVerdict.Fail);
        result.Detail.ShouldStartWith("http://127.0.0.1:8080/healthz: connection refused;");
        result.Detail.ShouldEndWith("asked 11 times in 10 s");
    }

    [Theory]
    [InlineData(204)]
    [InlineData(301)]
    [InlineData(404)]
    public void Only_200_is_well(int status)
    {
        Ask(new ScriptedHandler(_ => Status(status)), TimeSpan.Zero).Verdict.ShouldBe(GateVerdict.Fail);
    }

    [Fact]
    public void An_answer_that_does_not_come_is_given_up_after_its_time()
    {
        var handler = new ScriptedHandler(async (_, _, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return Status(200);
        });

        Ask(handler, TimeSpan.Zero).Detail.ShouldContain("no answer within 5 s");
    }

    [Fact]
    public void A_stop_is_a_stop_and_no_answer()
    {
        using var stop = new CancellationTokenSource();
        var handler = new ScriptedHandler((_, _, _) =>
        {
            stop.Cancel();
            return Task.FromException<HttpResponseMessage>(new OperationCanceledException(stop.Token));
        });
        var clock = VirtualTime.Clock();
        using var asker = new HttpAsker(clock, handler);

        Should.Throw<OperationCanceledException>(() => VirtualTime.Run(clock, () => new HealthProbe(asker, clock).AskAsync(Probe, TimeSpan.FromSeconds(5), stop.Token)));
    }

    [Fact]
    public void A_body_is_read_up_to_its_limit()
    {
        var clock = VirtualTime.Clock();
        using var asker = new HttpAsker(clock, new ScriptedHandler(_ => Status(200, new string('x', 100))));

        var cut = VirtualTime.Run(clock, () => asker.GetAsync(Probe.Uri, TimeSpan.FromSeconds(1), 99, CancellationToken.None));
        var whole = VirtualTime.Run(clock, () => asker.GetAsync(Probe.Uri, TimeSpan.FromSeconds(1), 100, CancellationToken.None));

        (cut.IsCut, cut.Body.Length).ShouldBe((true, 99));
        (whole.IsCut, whole.Body.Length).ShouldBe((false, 100));
    }

    private static GateResult Ask(ScriptedHandler handler, TimeSpan deadline)
    {
        var clock = VirtualTime.Clock();
        using var asker = new HttpAsker(clock, handler);
        return VirtualTime.Run(clock, () => new HealthProbe(asker, clock).AskAsync(Probe, deadline, CancellationToken.None));
    }
}
