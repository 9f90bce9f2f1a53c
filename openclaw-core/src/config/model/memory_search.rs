//! Search in memory files and sessions.

use super::macros::{choice, shape};
use super::number::{Fraction, Natural, Positive};
use super::secret::SecretInput;
use super::value::{Map, Sensitive};

shape! {
    /// Search in memory files and sessions.
    #[derive(Default)]
    pub struct MemorySearch {
        /// Whether there is one.
        pub enabled: Option<bool>,
        /// What is searched.
        pub sources: Option<Vec<MemorySource>>,
        /// Further files and folders.
        pub extra_paths: Option<Vec<String>>,
        /// Further collections for the `qmd` backend.
        pub qmd: Option<MemorySearchQmd>,
        /// Images and sounds.
        pub multimodal: Option<Multimodal>,
        /// What may still change.
        pub experimental: Option<MemoryExperimental>,
        /// The provider of embeddings.
        pub provider: Option<String>,
        /// An embedding service.
        pub remote: Option<EmbeddingRemote>,
        /// The provider that is tried if the first fails.
        pub fallback: Option<String>,
        /// The embedding model.
        pub model: Option<String>,
        /// Length of the vectors.
        pub output_dimensionality: Option<Positive>,
        /// An embedding model on this machine.
        pub local: Option<EmbeddingLocal>,
        /// Where the index lies.
        pub store: Option<MemoryStore>,
        /// How texts are cut.
        pub chunking: Option<Chunking>,
        /// When the index is brought up to date.
        pub sync: Option<MemorySync>,
        /// How hits are found and ranked.
        pub query: Option<MemoryQuery>,
        /// The cache of embeddings.
        pub cache: Option<MemoryCache>,
    }
}

choice! {
    /// What is searched.
    pub enum MemorySource {
        Memory = "memory",
        Sessions = "sessions",
    }
}

shape! {
    /// Further collections for the `qmd` backend.
    #[derive(Default)]
    pub struct MemorySearchQmd {
        /// The collections.
        pub extra_collections: Option<Vec<QmdCollection>>,
    }
}

shape! {
    /// A folder of files that is searched.
    pub struct QmdCollection {
        /// The folder.
        pub path: String,
        /// Its name.
        pub name: Option<String>,
        /// Which files in it, as a glob.
        pub pattern: Option<String>,
    }
}

shape! {
    /// Images and sounds in the search.
    #[derive(Default)]
    pub struct Multimodal {
        /// Whether they are searched.
        pub enabled: Option<bool>,
        /// Which kinds.
        pub modalities: Option<Vec<Modality>>,
        /// Bytes of a file, at most.
        pub max_file_bytes: Option<Positive>,
    }
}

choice! {
    /// A kind of media file.
    pub enum Modality {
        Image = "image",
        Audio = "audio",
        All = "all",
    }
}

shape! {
    /// Parts of the search that may still change.
    #[derive(Default)]
    pub struct MemoryExperimental {
        /// Whether sessions are searched.
        pub session_memory: Option<bool>,
    }
}

shape! {
    /// An embedding service.
    #[derive(Default)]
    pub struct EmbeddingRemote {
        /// Its base address.
        pub base_url: Option<String>,
        /// Its key.
        pub api_key: Option<SecretInput>,
        /// Headers of every call.
        pub headers: Option<Map<Sensitive>>,
        /// Calls in batches.
        pub batch: Option<EmbeddingBatch>,
    }
}

shape! {
    /// Calls to an embedding service in batches.
    #[derive(Default)]
    pub struct EmbeddingBatch {
        /// Whether batches are used.
        pub enabled: Option<bool>,
        /// Whether a batch is waited for.
        pub wait: Option<bool>,
        /// Batches at once.
        pub concurrency: Option<Positive>,
        /// Milliseconds between two looks at a batch.
        pub poll_interval_ms: Option<Natural>,
        /// Minutes after which a batch is given up.
        pub timeout_minutes: Option<Positive>,
    }
}

shape! {
    /// An embedding model on this machine.
    #[derive(Default)]
    pub struct EmbeddingLocal {
        /// The model's file or address.
        pub model_path: Option<String>,
        /// The folder in which models are kept.
        pub model_cache_dir: Option<String>,
    }
}

shape! {
    /// Where the index of the search lies.
    #[derive(Default)]
    pub struct MemoryStore {
        /// The database.
        pub driver: Option<MemoryDriver>,
        /// Its file.
        pub path: Option<String>,
        /// Search by words.
        pub fts: Option<FullTextSearch>,
        /// Search by vectors.
        pub vector: Option<VectorSearch>,
    }
}

choice! {
    /// The database of the index.
    pub enum MemoryDriver {
        Sqlite = "sqlite",
    }
}

shape! {
    /// Search by words.
    #[derive(Default)]
    pub struct FullTextSearch {
        /// How texts are cut into words.
        pub tokenizer: Option<Tokenizer>,
    }
}

choice! {
    /// How texts are cut into words.
    pub enum Tokenizer {
        Unicode61 = "unicode61",
        Trigram = "trigram",
    }
}

shape! {
    /// Search by vectors.
    #[derive(Default)]
    pub struct VectorSearch {
        /// Whether there is one.
        pub enabled: Option<bool>,
        /// Path of the `sqlite-vec` extension.
        pub extension_path: Option<String>,
    }
}

shape! {
    /// How texts are cut for the search.
    #[derive(Default)]
    pub struct Chunking {
        /// Tokens of a piece.
        pub tokens: Option<Positive>,
        /// Tokens that two pieces share.
        pub overlap: Option<Natural>,
    }
}

shape! {
    /// When the index is brought up to date.
    #[derive(Default)]
    pub struct MemorySync {
        /// When a session starts.
        pub on_session_start: Option<bool>,
        /// Before a search.
        pub on_search: Option<bool>,
        /// When a file changes.
        pub watch: Option<bool>,
        /// Milliseconds of quiet after a change.
        pub watch_debounce_ms: Option<Natural>,
        /// Every so many minutes; 0 is never.
        pub interval_minutes: Option<Natural>,
        /// When sessions are indexed.
        pub sessions: Option<SessionSync>,
    }
}

shape! {
    /// When sessions are indexed.
    #[derive(Default)]
    pub struct SessionSync {
        /// After so many new bytes.
        pub delta_bytes: Option<Natural>,
        /// After so many new messages.
        pub delta_messages: Option<Natural>,
        /// Always after a compaction.
        pub post_compaction_force: Option<bool>,
    }
}

shape! {
    /// How hits are found and ranked.
    #[derive(Default)]
    pub struct MemoryQuery {
        /// Hits, at most.
        pub max_results: Option<Positive>,
        /// The least score of a hit, 0 to 1.
        pub min_score: Option<Fraction>,
        /// Search by words and vectors at once.
        pub hybrid: Option<HybridQuery>,
    }
}

shape! {
    /// Search by words and vectors at once.
    #[derive(Default)]
    pub struct HybridQuery {
        /// Whether both are used.
        pub enabled: Option<bool>,
        /// Weight of vectors, 0 to 1.
        pub vector_weight: Option<Fraction>,
        /// Weight of words, 0 to 1.
        pub text_weight: Option<Fraction>,
        /// How many times more candidates than hits are looked at.
        pub candidate_multiplier: Option<Positive>,
        /// Variety of hits.
        pub mmr: Option<MaximalMarginalRelevance>,
        /// Old hits count less.
        pub temporal_decay: Option<TemporalDecay>,
    }
}

shape! {
    /// Variety of hits: one that repeats a better one is dropped.
    #[derive(Default)]
    pub struct MaximalMarginalRelevance {
        /// Whether variety counts.
        pub enabled: Option<bool>,
        /// 1 is relevance alone, 0 variety alone.
        pub lambda: Option<Fraction>,
    }
}

shape! {
    /// Old hits count less.
    #[derive(Default)]
    pub struct TemporalDecay {
        /// Whether age counts.
        pub enabled: Option<bool>,
        /// Days after which a hit counts half.
        pub half_life_days: Option<Positive>,
    }
}

shape! {
    /// The cache of embeddings.
    #[derive(Default)]
    pub struct MemoryCache {
        /// Whether there is one.
        pub enabled: Option<bool>,
        /// Its entries, at most.
        pub max_entries: Option<Positive>,
    }
}
