namespace DeployOps.Core.Tests.Health;

/// <summary>Answers HTTP requests from a function of their number, from 1.</summary>
internal sealed class ScriptedHandler(Func<int, HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    public ScriptedHandler(Func<int, HttpResponseMessage> answer)
        : this((number, _, _) => Task.FromResult(answer(number)))
    {
    }

    public int Requests { get; private set; }

    public static HttpResponseMessage Status(int status, string body = "") => new((System.Net.HttpStatusCode)status) { Content = new StringContent(body) };

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(++Requests, request, cancellationToken);
}
