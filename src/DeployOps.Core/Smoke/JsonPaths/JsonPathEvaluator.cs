using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DeployOps.Smoke.JsonPaths;

/// <summary>Asks one document a path. Counts its visits, so that a path over a large answer ends.</summary>
internal sealed class JsonPathEvaluator(JsonElement root)
{
    /// <summary>The most nodes looked at for one path; an answer of 1 MiB has fewer than half a million.</summary>
    public const int MostVisits = 1_000_000;

    private readonly Dictionary<string, Regex?> patterns = new(StringComparer.Ordinal);
    private int visits;

    /// <summary>The nodes a path picks.</summary>
    /// <param name="query">The path.</param>
    /// <param name="current">The node a relative path starts at.</param>
    /// <exception cref="JsonPathException">It would look at more than <see cref="MostVisits"/> nodes.</exception>
    public List<JsonElement> Select(JsonPathQuery query, JsonElement current)
    {
        List<JsonElement> nodes = [query.FromRoot ? root : current];
        foreach (var segment in query.Segments)
        {
            var next = new List<JsonElement>();
            foreach (var node in nodes)
            {
                Apply(segment, node, next);
            }

            nodes = next;
        }

        return nodes;
    }

    private void Apply(JsonPathSegment segment, JsonElement node, List<JsonElement> results)
    {
        Visit();
        foreach (var selector in segment.Selectors)
        {
            Apply(selector, node, results);
        }

        if (!segment.Descendant)
        {
            return;
        }

        // The document's reader bounds its depth, and with it this recursion.
        foreach (var child in Children(node))
        {
            Apply(segment, child, results);
        }
    }

    private void Apply(JsonPathSelector selector, JsonElement node, List<JsonElement> results)
    {
        switch (selector)
        {
            case JsonPathSelector.Name name when node.ValueKind == JsonValueKind.Object && node.TryGetProperty(name.Value, out var member):
                results.Add(member);
                break;
            case JsonPathSelector.Wildcard:
                results.AddRange(Children(node));
                break;
            case JsonPathSelector.Index index when node.ValueKind == JsonValueKind.Array:
                var length = node.GetArrayLength();
                var position = index.Value < 0 ? length + index.Value : index.Value;
                if (position >= 0 && position < length)
                {
                    results.Add(node[(int)position]);
                }

                break;
            case JsonPathSelector.Slice slice when node.ValueKind == JsonValueKind.Array:
                AddSlice(slice, node, results);
                break;
            case JsonPathSelector.Filter filter:
                results.AddRange(Children(node).Where(child => Holds(filter.Condition, child)));
                break;
        }
    }

    /// <summary>The bounds of RFC 9535, 2.3.4.2.2.</summary>
    private void AddSlice(JsonPathSelector.Slice slice, JsonElement node, List<JsonElement> results)
    {
        long length = node.GetArrayLength();
        var forward = slice.Step >= 0;
        var start = FromEnd(slice.Start ?? (forward ? 0 : length - 1));
        var end = FromEnd(slice.End ?? (forward ? length : -length - 1));
        if (slice.Step > 0)
        {
            for (var i = Math.Clamp(start, 0, length); i < Math.Clamp(end, 0, length); i += slice.Step)
            {
                Visit();
                results.Add(node[(int)i]);
            }
        }
        else if (slice.Step < 0)
        {
            for (var i = Math.Clamp(start, -1, length - 1); i > Math.Clamp(end, -1, length - 1); i += slice.Step)
            {
                Visit();
                results.Add(node[(int)i]);
            }
        }

        long FromEnd(long position) => position >= 0 ? position : length + position;
    }

    private IEnumerable<JsonElement> Children(JsonElement node)
    {
        if (node.ValueKind == JsonValueKind.Array)
        {
            foreach (var element in node.EnumerateArray())
            {
                Visit();
                yield return element;
            }
        }
        else if (node.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in node.EnumerateObject())
            {
                Visit();
                yield return member.Value;
            }
        }
    }

    private bool Holds(JsonPathCondition condition, JsonElement current) => condition switch
    {
        JsonPathCondition.Any any => any.Conditions.Any(part => Holds(part, current)),
        JsonPathCondition.All all => all.Conditions.All(part => Holds(part, current)),
        JsonPathCondition.Not not => !Holds(not.Condition, current),
        JsonPathCondition.Exists exists => Select(exists.Query, current).Count > 0,
        JsonPathCondition.Holds holds => Matches(holds.Call, current),
        JsonPathCondition.Compares compares => Compare(compares, current),
        _ => throw new InvalidOperationException(condition.GetType().Name),
    };

    private bool Compare(JsonPathCondition.Compares compares, JsonElement current)
    {
        var left = Value(compares.Left, current);
        var right = Value(compares.Right, current);
        return compares.Comparison switch
        {
            JsonPathComparison.Equal => AreEqual(left, right),
            JsonPathComparison.NotEqual => !AreEqual(left, right),
            JsonPathComparison.Less => IsLess(left, right),
            JsonPathComparison.LessOrEqual => IsLess(left, right) || AreEqual(left, right),
            JsonPathComparison.Greater => IsLess(right, left),
            _ => IsLess(right, left) || AreEqual(left, right),
        };
    }

    private JsonElement? Value(JsonPathOperand operand, JsonElement current) => operand switch
    {
        JsonPathOperand.Literal literal => literal.Value,
        JsonPathOperand.Nodes nodes => Select(nodes.Query, current) is [var only] ? only : null,
        JsonPathOperand.Call call => Answer(call, current),
        _ => throw new InvalidOperationException(operand.GetType().Name),
    };

    private JsonElement? Answer(JsonPathOperand.Call call, JsonElement current) => call.Function switch
    {
        JsonPathFunction.Count => JsonSerializer.SerializeToElement(Select(((JsonPathOperand.Nodes)call.Arguments[0]).Query, current).Count),
        JsonPathFunction.Value => Value(call.Arguments[0], current),
        _ => Length(Value(call.Arguments[0], current)),
    };

    private static JsonElement? Length(JsonElement? value) => value?.ValueKind switch
    {
        JsonValueKind.String => JsonSerializer.SerializeToElement(value.Value.GetString()!.EnumerateRunes().Count()),
        JsonValueKind.Array => JsonSerializer.SerializeToElement(value.Value.GetArrayLength()),
        JsonValueKind.Object => JsonSerializer.SerializeToElement(value.Value.GetPropertyCount()),
        _ => null,
    };

    private bool Matches(JsonPathOperand.Call call, JsonElement current)
    {
        var text = Value(call.Arguments[0], current);
        var pattern = Value(call.Arguments[1], current);
        return text is { ValueKind: JsonValueKind.String } && pattern is { ValueKind: JsonValueKind.String }
            && Pattern(pattern.Value.GetString()!, call.Function == JsonPathFunction.Match)?.IsMatch(text.Value.GetString()!) == true;
    }

    private Regex? Pattern(string pattern, bool whole)
    {
        var key = whole ? $@"\A(?:{JsonPathPattern.ToRegex(pattern)})\z" : JsonPathPattern.ToRegex(pattern);
        if (!patterns.TryGetValue(key, out var regex))
        {
            patterns[key] = regex = JsonPathPattern.Compile(key);
        }

        return regex;
    }

    private static bool AreEqual(JsonElement? left, JsonElement? right) =>
        left is null || right is null ? left is null && right is null : JsonElement.DeepEquals(left.Value, right.Value);

    private static bool IsLess(JsonElement? left, JsonElement? right) => (left?.ValueKind, right?.ValueKind) switch
    {
        (JsonValueKind.Number, JsonValueKind.Number) => left.Value.GetDouble() < right.Value.GetDouble(),

        // By code point, as the RFC asks: UTF-8 keeps that order and UTF-16 does not.
        (JsonValueKind.String, JsonValueKind.String) =>
            Encoding.UTF8.GetBytes(left.Value.GetString()!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right.Value.GetString()!)) < 0,
        _ => false,
    };

    private void Visit()
    {
        if (++visits > MostVisits)
        {
            throw new JsonPathException($"the path looks at more than {MostVisits:N0} nodes of this answer", 0);
        }
    }
}
