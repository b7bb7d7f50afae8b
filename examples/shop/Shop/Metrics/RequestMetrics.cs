using System.Text;

namespace Shop.Metrics;

/// <summary>What a server saw of its requests: how many, how they ended, how long they took.</summary>
internal sealed class RequestMetrics(TimeProvider clock)
{
    /// <summary>The media type of the exposition text.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>A client that went away before its answer is no fault of the server: the code nginx made known for it.</summary>
    private const int ClientClosedRequest = 499;

    private readonly LabelledCounter _requests = new("http_requests_total");
    private readonly Histogram _durations = new("http_request_duration_seconds");

    /// <summary>Lets a request through and counts it when it has ended.</summary>
    /// <param name="context">The request.</param>
    /// <param name="next">What answers it.</param>
    /// <param name="labels">The labels for the status code it ended with.</param>
    public async Task CountAsync(HttpContext context, RequestDelegate next, Func<int, string> labels)
    {
        var began = clock.GetTimestamp();
        var code = StatusCodes.Status500InternalServerError;
        try
        {
            await next(context);
            code = context.RequestAborted.IsCancellationRequested ? ClientClosedRequest : context.Response.StatusCode;
        }
        finally
        {
            _durations.Observe(clock.GetElapsedTime(began));
            _requests.Increment(labels(code));
        }
    }

    /// <summary>Adds both as exposition text.</summary>
    public void Write(StringBuilder text)
    {
        _requests.Write(text);
        _durations.Write(text);
    }
}
