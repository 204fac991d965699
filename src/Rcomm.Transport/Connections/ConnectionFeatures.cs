using System.Collections;
using Microsoft.AspNetCore.Http.Features;

namespace Rcomm.Transport.Connections;

/// <summary>The features of a connection. There are few, so a linear search is faster than a dictionary, and takes less memory.</summary>
internal sealed class ConnectionFeatures : IFeatureCollection
{
    private KeyValuePair<Type, object>[] _features;
    private int _count;

    /// <summary>Initializes the collection with features that one object implements.</summary>
    public ConnectionFeatures(object owner, params ReadOnlySpan<Type> types)
    {
        // Kestrel adds about as many again.
        _features = new KeyValuePair<Type, object>[types.Length * 2];
        foreach (Type type in types) _features[_count++] = new(type, owner);
    }

    public bool IsReadOnly => false;

    public int Revision { get; private set; }

    public object? this[Type key]
    {
        get
        {
            foreach (KeyValuePair<Type, object> feature in _features.AsSpan(0, _count))
                if (feature.Key == key) return feature.Value;
            return null;
        }
        set
        {
            Revision++;
            int index = Array.FindIndex(_features, 0, _count, feature => feature.Key == key);
            if (value is null) Remove(index);
            else if (index >= 0) _features[index] = new(key, value);
            else Add(new(key, value));
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => _features.Take(_count).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Add(KeyValuePair<Type, object> feature)
    {
        if (_count == _features.Length) Array.Resize(ref _features, _count * 2);
        _features[_count++] = feature;
    }

    private void Remove(int index)
    {
        if (index >= 0) _features[index] = _features[--_count];
    }
}
