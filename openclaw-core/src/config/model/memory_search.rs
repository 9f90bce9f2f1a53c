//! TODO file memory_search

use super::macros::{choice, shape};
use super::number::{Fraction, Natural, Positive};
use super::secret::SecretInput;
use super::value::{Map, Sensitive};

shape! {
    /// TODO MemorySearch
    #[derive(Default)]
    pub struct MemorySearch {
        /// TODO MemorySearch.enabled
        pub enabled: Option<bool>,
        /// TODO MemorySearch.sources
        pub sources: Option<Vec<MemorySource>>,
        /// TODO MemorySearch.extraPaths
        pub extra_paths: Option<Vec<String>>,
        /// TODO MemorySearch.qmd
        pub qmd: Option<MemorySearchQmd>,
        /// TODO MemorySearch.multimodal
        pub multimodal: Option<Multimodal>,
        /// TODO MemorySearch.experimental
        pub experimental: Option<MemoryExperimental>,
        /// TODO MemorySearch.provider
        pub provider: Option<String>,
        /// TODO MemorySearch.remote
        pub remote: Option<EmbeddingRemote>,
        /// TODO MemorySearch.fallback
        pub fallback: Option<String>,
        /// TODO MemorySearch.model
        pub model: Option<String>,
        /// TODO MemorySearch.outputDimensionality
        pub output_dimensionality: Option<Positive>,
        /// TODO MemorySearch.local
        pub local: Option<EmbeddingLocal>,
        /// TODO MemorySearch.store
        pub store: Option<MemoryStore>,
        /// TODO MemorySearch.chunking
        pub chunking: Option<Chunking>,
        /// TODO MemorySearch.sync
        pub sync: Option<MemorySync>,
        /// TODO MemorySearch.query
        pub query: Option<MemoryQuery>,
        /// TODO MemorySearch.cache
        pub cache: Option<MemoryCache>,
    }
}

choice! {
    /// TODO MemorySource
    pub enum MemorySource {
        Memory = "memory",
        Sessions = "sessions",
    }
}

shape! {
    /// TODO MemorySearchQmd
    #[derive(Default)]
    pub struct MemorySearchQmd {
        /// TODO MemorySearchQmd.extraCollections
        pub extra_collections: Option<Vec<QmdCollection>>,
    }
}

shape! {
    /// TODO QmdCollection
    pub struct QmdCollection {
        /// TODO QmdCollection.path
        pub path: String,
        /// TODO QmdCollection.name
        pub name: Option<String>,
        /// TODO QmdCollection.pattern
        pub pattern: Option<String>,
    }
}

shape! {
    /// TODO Multimodal
    #[derive(Default)]
    pub struct Multimodal {
        /// TODO Multimodal.enabled
        pub enabled: Option<bool>,
        /// TODO Multimodal.modalities
        pub modalities: Option<Vec<Modality>>,
        /// TODO Multimodal.maxFileBytes
        pub max_file_bytes: Option<Positive>,
    }
}

choice! {
    /// TODO Modality
    pub enum Modality {
        Image = "image",
        Audio = "audio",
        All = "all",
    }
}

shape! {
    /// TODO MemoryExperimental
    #[derive(Default)]
    pub struct MemoryExperimental {
        /// TODO MemoryExperimental.sessionMemory
        pub session_memory: Option<bool>,
    }
}

shape! {
    /// TODO EmbeddingRemote
    #[derive(Default)]
    pub struct EmbeddingRemote {
        /// TODO EmbeddingRemote.baseUrl
        pub base_url: Option<String>,
        /// TODO EmbeddingRemote.apiKey
        pub api_key: Option<SecretInput>,
        /// TODO EmbeddingRemote.headers
        pub headers: Option<Map<Sensitive>>,
        /// TODO EmbeddingRemote.batch
        pub batch: Option<EmbeddingBatch>,
    }
}

shape! {
    /// TODO EmbeddingBatch
    #[derive(Default)]
    pub struct EmbeddingBatch {
        /// TODO EmbeddingBatch.enabled
        pub enabled: Option<bool>,
        /// TODO EmbeddingBatch.wait
        pub wait: Option<bool>,
        /// TODO EmbeddingBatch.concurrency
        pub concurrency: Option<Positive>,
        /// TODO EmbeddingBatch.pollIntervalMs
        pub poll_interval_ms: Option<Natural>,
        /// TODO EmbeddingBatch.timeoutMinutes
        pub timeout_minutes: Option<Positive>,
    }
}

shape! {
    /// TODO EmbeddingLocal
    #[derive(Default)]
    pub struct EmbeddingLocal {
        /// TODO EmbeddingLocal.modelPath
        pub model_path: Option<String>,
        /// TODO EmbeddingLocal.modelCacheDir
        pub model_cache_dir: Option<String>,
    }
}

shape! {
    /// TODO MemoryStore
    #[derive(Default)]
    pub struct MemoryStore {
        /// TODO MemoryStore.driver
        pub driver: Option<MemoryDriver>,
        /// TODO MemoryStore.path
        pub path: Option<String>,
        /// TODO MemoryStore.fts
        pub fts: Option<FullTextSearch>,
        /// TODO MemoryStore.vector
        pub vector: Option<VectorSearch>,
    }
}

choice! {
    /// TODO MemoryDriver
    pub enum MemoryDriver {
        Sqlite = "sqlite",
    }
}

shape! {
    /// TODO FullTextSearch
    #[derive(Default)]
    pub struct FullTextSearch {
        /// TODO FullTextSearch.tokenizer
        pub tokenizer: Option<Tokenizer>,
    }
}

choice! {
    /// TODO Tokenizer
    pub enum Tokenizer {
        Unicode61 = "unicode61",
        Trigram = "trigram",
    }
}

shape! {
    /// TODO VectorSearch
    #[derive(Default)]
    pub struct VectorSearch {
        /// TODO VectorSearch.enabled
        pub enabled: Option<bool>,
        /// TODO VectorSearch.extensionPath
        pub extension_path: Option<String>,
    }
}

shape! {
    /// TODO Chunking
    #[derive(Default)]
    pub struct Chunking {
        /// TODO Chunking.tokens
        pub tokens: Option<Positive>,
        /// TODO Chunking.overlap
        pub overlap: Option<Natural>,
    }
}

shape! {
    /// TODO MemorySync
    #[derive(Default)]
    pub struct MemorySync {
        /// TODO MemorySync.onSessionStart
        pub on_session_start: Option<bool>,
        /// TODO MemorySync.onSearch
        pub on_search: Option<bool>,
        /// TODO MemorySync.watch
        pub watch: Option<bool>,
        /// TODO MemorySync.watchDebounceMs
        pub watch_debounce_ms: Option<Natural>,
        /// TODO MemorySync.intervalMinutes
        pub interval_minutes: Option<Natural>,
        /// TODO MemorySync.sessions
        pub sessions: Option<SessionSync>,
    }
}

shape! {
    /// TODO SessionSync
    #[derive(Default)]
    pub struct SessionSync {
        /// TODO SessionSync.deltaBytes
        pub delta_bytes: Option<Natural>,
        /// TODO SessionSync.deltaMessages
        pub delta_messages: Option<Natural>,
        /// TODO SessionSync.postCompactionForce
        pub post_compaction_force: Option<bool>,
    }
}

shape! {
    /// TODO MemoryQuery
    #[derive(Default)]
    pub struct MemoryQuery {
        /// TODO MemoryQuery.maxResults
        pub max_results: Option<Positive>,
        /// TODO MemoryQuery.minScore
        pub min_score: Option<Fraction>,
        /// TODO MemoryQuery.hybrid
        pub hybrid: Option<HybridQuery>,
    }
}

shape! {
    /// TODO HybridQuery
    #[derive(Default)]
    pub struct HybridQuery {
        /// TODO HybridQuery.enabled
        pub enabled: Option<bool>,
        /// TODO HybridQuery.vectorWeight
        pub vector_weight: Option<Fraction>,
        /// TODO HybridQuery.textWeight
        pub text_weight: Option<Fraction>,
        /// TODO HybridQuery.candidateMultiplier
        pub candidate_multiplier: Option<Positive>,
        /// TODO HybridQuery.mmr
        pub mmr: Option<MaximalMarginalRelevance>,
        /// TODO HybridQuery.temporalDecay
        pub temporal_decay: Option<TemporalDecay>,
    }
}

shape! {
    /// TODO MaximalMarginalRelevance
    #[derive(Default)]
    pub struct MaximalMarginalRelevance {
        /// TODO MaximalMarginalRelevance.enabled
        pub enabled: Option<bool>,
        /// TODO MaximalMarginalRelevance.lambda
        pub lambda: Option<Fraction>,
    }
}

shape! {
    /// TODO TemporalDecay
    #[derive(Default)]
    pub struct TemporalDecay {
        /// TODO TemporalDecay.enabled
        pub enabled: Option<bool>,
        /// TODO TemporalDecay.halfLifeDays
        pub half_life_days: Option<Positive>,
    }
}

shape! {
    /// TODO MemoryCache
    #[derive(Default)]
    pub struct MemoryCache {
        /// TODO MemoryCache.enabled
        pub enabled: Option<bool>,
        /// TODO MemoryCache.maxEntries
        pub max_entries: Option<Positive>,
    }
}
