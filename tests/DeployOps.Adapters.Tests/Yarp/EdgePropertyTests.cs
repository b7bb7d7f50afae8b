using System.Text;
using CsCheck;
using DeployOps.Adapters.Yarp;
using DeployOps.Tests.Shared;

namespace DeployOps.Adapters.Tests.Yarp;

/// <summary>What an edge answers, and what stands in its file, is somebody else's text.</summary>
public sealed class EdgePropertyTests : IDisposable
{
    private const string State = """{"revision":"7","clusters":{"shop":{"blue-1":{"address":"http://127.0.0.1:8101","weight":100,"inFlight":0},"green-1":{"address":"http://127.0.0.1:8102","weight":0,"inFlight":3}}}}""";

    private const string Configuration = """{"Revision":"7","Routes":{"all":{"ClusterId":"shop"}},"Clusters":{"shop":{"Destinations":{"blue-1":{"Address":"http://127.0.0.1:8101","Metadata":{"Weight":"100"}},"green-1":{"Address":"http://127.0.0.1:8102"}}}}}""";

    private static readonly string[] Tokens =
    [
        "{", "}", "[", "]", "\"", ":", ",", "null", "7", "-1", "1e99", "99999999999", "true", "\"x\"", "\"\\ud83d\"", "\"shop\":{},", "\"blue-1\":{},", "\"Metadata\":[]", "\"Weight\":7", "\"revision\":null,", "\"address\":\"/x\"", "\0", "é",
        new string('[', 80), "//", "<html>",
    ];

    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void However_a_state_is_changed_it_is_read_or_refused_with_a_typed_error()
    {
        var read = 0;

        Property.Holds(Changed(State), text =>
        {
            try
            {
                var state = EdgeState.Read(Encoding.UTF8.GetBytes(text), "shop", "http://127.0.0.1:8080/_edge/state");
                read++;
                return state.Destinations.Values.All(destination => destination.Address.IsAbsoluteUri);
            }
            catch (DeployOpsException e) when (e.ErrorId == "RouterStateInvalid")
            {
                return true;
            }
        });

        read.ShouldBeGreaterThan(10);
    }

    [Fact]
    public void However_a_configuration_is_changed_it_is_used_or_refused_with_a_typed_error_and_keeps_what_else_stands_in_it()
    {
        var weights = new Dictionary<string, int> { ["blue-1"] = 0, ["green-1"] = 100 };
        var used = 0;

        Property.Holds(Changed(Configuration), text =>
        {
            File.WriteAllText(file, text);
            try
            {
                var before = EdgeConfiguration.Read(file, "shop");
                _ = before.Has(weights);
                File.WriteAllText(file, before.With(weights, "8"));
                var after = EdgeConfiguration.Read(file, "shop");
                used++;
                return after.Revision == "8" && after.Has(weights) && after.With(weights, "7") == before.With(weights, "7");
            }
            catch (DeployOpsException e)
            {
                return e.ErrorId is "RouterConfigurationInvalid" or "RouterInstanceUnknown";
            }
        });

        used.ShouldBeGreaterThan(10);
    }

    private static Gen<string> Changed(string whole) =>
        Gen.Select(Gen.Int[0, whole.Length], Gen.Int[0, 12], Gen.Int[0, Tokens.Length - 1]).Array[1, 3].Select(changes =>
        {
            var text = whole;
            foreach (var (at, removed, token) in changes)
            {
                var from = Math.Min(at, text.Length);
                text = text.Remove(from, Math.Min(removed, text.Length - from)).Insert(from, Tokens[token]);
            }

            return text;
        });
}
